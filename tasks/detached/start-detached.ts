import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CdcError } from "../../lib/errors";
import { identityOf } from "../../stream/leases/process-identity";
import { readRecord, type RunRecord } from "./run-record";

const LOOK_MS = 50;
const SHOWN_CHARACTERS = 2_000;

/** A process that runs a task by itself, and records it in the task's folder. */
export interface DetachedCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The task's folder. */
  readonly directory: string;
  /** Aborted: it is not waited for any longer; the run goes on. */
  readonly signal?: AbortSignal;
}

/**
 * Starts a run in the background, which no terminal ends, and waits until both providers are ready or the run is over.
 * @throws CdcError `CDC_TASK_NOT_STARTED` with what the process said, when it ended without a record.
 */
export async function startDetached(command: DetachedCommand): Promise<RunRecord> {
  const { file, args, cwd, env, directory, signal } = command;
  mkdirSync(directory, { recursive: true });
  // Only what goes wrong before the log is open is written there.
  const outputPath = join(directory, "output.txt");
  const output = openSync(outputPath, "w", 0o600);
  const child = spawn(file, args, { cwd, env, detached: true, stdio: ["ignore", output, output] });
  closeSync(output);
  const gone = new AbortController();
  child.once("exit", () => gone.abort()).once("error", () => gone.abort());
  const pid = child.pid;
  const own = pid === undefined ? undefined : identityOf(pid);
  try {
    for (;;) {
      const wasGone = gone.signal.aborted;
      const record = readRecord(directory);
      const isOurs = record !== undefined && record.process.pid === pid && record.process.startedAt === own?.startedAt;
      if (isOurs && record.status !== "starting") return record;
      if (wasGone) throw notStarted(outputPath);
      await delay(LOOK_MS, undefined, signal === undefined ? {} : { signal });
    }
  } finally {
    child.unref();
  }
}

function notStarted(outputPath: string): CdcError {
  const said = readFileSync(outputPath, "utf8").trim().slice(0, SHOWN_CHARACTERS);
  return new CdcError("CDC_TASK_NOT_STARTED", `the task did not start: ${said === "" ? "it said nothing" : said}`);
}
