import { setTimeout as delay } from "node:timers/promises";
import { endLeftovers, killGroup } from "./end-leftovers";
import { isRunning, readRecord, taskRun, type RunRecord } from "./run-record";

const LOOK_MS = 50;

/** How a run is stopped. */
export interface StopOptions {
  /** Kill it when it has not stopped in time. */
  readonly force?: boolean;
  /** How long it may take; without `force` waiting ends then, and the run goes on stopping. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** What became of a run that was asked to stop. */
export interface StopResult {
  /** `idle`: nothing ran; `stopping`: it has not stopped in time. */
  readonly outcome: "idle" | "stopped" | "killed" | "stopping";
  readonly run?: RunRecord;
}

/** Stops a run gracefully: its input first, then the output writes the rest. */
export async function stopRun(directory: string, options: StopOptions): Promise<StopResult> {
  const record = readRecord(directory);
  if (record === undefined || !isRunning(record)) {
    const run = taskRun(directory);
    return { outcome: "idle", ...(run === undefined ? {} : { run }) };
  }
  process.kill(record.process.pid, "SIGTERM");
  if (await hasEnded(record, options)) return resultOf(directory, "stopped");
  if (options.force !== true) return resultOf(directory, "stopping");
  process.kill(record.process.pid, "SIGKILL");
  for (const { process: provider } of Object.values(record.providers))
    if (provider !== undefined) killGroup(provider.pid);
  while (isRunning(record)) await delay(LOOK_MS);
  await endLeftovers(directory, 0);
  return resultOf(directory, "killed");
}

async function hasEnded(record: RunRecord, { timeoutMs, signal }: StopOptions): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (isRunning(record)) {
    if (performance.now() >= deadline) return false;
    await delay(LOOK_MS, undefined, signal === undefined ? {} : { signal });
  }
  return true;
}

function resultOf(directory: string, outcome: StopResult["outcome"]): StopResult {
  const run = taskRun(directory);
  return { outcome, ...(run === undefined ? {} : { run }) };
}
