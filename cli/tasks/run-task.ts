import { join } from "node:path";
import { CdcError } from "../../lib/errors";
import { packageRoot } from "../../lib/package-root";
import type { Lease } from "../../stream/leases/lease";
import type { RunRecord } from "../../tasks/detached";
import type { ProviderCommand, TaskEvent, TaskRunResult } from "../../tasks/relay";
import type { Context } from "../context";
import { EXIT } from "../exit-code";
import { secretsIn } from "../print/redact";
import type { LogLevel } from "../print/stream-log";
import { loadTask, type LoadedTask, type TaskFlags } from "./load-task";
import { openTaskDisplay, type TaskDisplay } from "./task-display";

/** Options of `cdc run <task>`. */
export interface RunTaskFlags extends TaskFlags {
  readonly detach?: boolean;
  /** This is the process in the background. */
  readonly background?: boolean;
  readonly logLevel: LogLevel;
}

/** Runs a task until it ends or is stopped, here or in the background, and sets the exit code. */
export async function runNamedTask(
  context: Context,
  name: string,
  flags: RunTaskFlags,
  signal: AbortSignal,
): Promise<void> {
  const loaded = await loadTask(context, name, flags);
  await refuseSecondRun(name, loaded.directory);
  if (flags.detach === true) await runInBackground(context, name, flags, loaded);
  else await runHere(context, name, flags, loaded, signal);
}

async function refuseSecondRun(name: string, directory: string): Promise<void> {
  const { taskRun, isRunning } = await import("../../tasks/detached");
  const run = taskRun(directory);
  if (run === undefined || !isRunning(run)) return;
  const hint = `See \`cdc logs ${name}\`, or stop it with \`cdc stop ${name}\`.`;
  throw new CdcError("CDC_TASK_RUNNING", `task ${name} runs already (process ${run.process.pid})`, { hint });
}

async function runHere(
  context: Context,
  name: string,
  flags: RunTaskFlags,
  loaded: LoadedTask,
  signal: AbortSignal,
): Promise<void> {
  const lease = await leaseOf(context, name, loaded, signal);
  const display = openTaskDisplay(context, flags.logLevel);
  try {
    const stop = lease === undefined ? signal : AbortSignal.any([signal, lease.lost]);
    const result = await run(context, name, loaded, stop, display, flags, lease);
    context.exitWith(result.exitCode);
    display.end(name, result);
    if (lease?.lost.aborted === true) throw lease.lost.reason;
  } finally {
    await lease?.release();
  }
}

async function leaseOf(
  context: Context,
  name: string,
  { task, directory }: LoadedTask,
  signal: AbortSignal,
): Promise<Lease | undefined> {
  const { type, settings } = task.lease;
  if (type === "none") return undefined;
  const { openLease } = await import("../../stream/leases/open-lease");
  return openLease({ ...settings, type }, `task-${name}`, {
    what: `task ${name}`,
    directory: join(directory, "lease"),
    signal,
    onWait: (text) => context.note(text),
  });
}

async function run(
  context: Context,
  name: string,
  { task, input, output, directory }: LoadedTask,
  signal: AbortSignal,
  display: TaskDisplay,
  { background }: RunTaskFlags,
  lease: Lease | undefined,
): Promise<TaskRunResult> {
  const { recordRun } = await import("../../tasks/detached");
  const { check, handshakeTimeoutS, restart } = task.relay;
  const command = (
    { name: file, ...found }: LoadedTask["input"],
    config: ProviderCommand["config"],
  ): ProviderCommand => ({
    name: file,
    file: found.file,
    args: found.args,
    config,
  });
  return recordRun({
    task: name,
    directory,
    input: command(input, task.input.config),
    output: command(output, task.output.config),
    signal,
    check,
    handshakeTimeoutMs: handshakeTimeoutS * 1000,
    restart,
    secrets: [...task.input.secrets, ...task.output.secrets, ...secretsIn(context.io.env)],
    stdout: display.stdout,
    // Of a run in the background the log has everything.
    ...(background === true ? {} : { onEvent: (event: TaskEvent) => display.take(event) }),
    logRoom: () => display.room(),
    detached: background === true,
    ...(lease === undefined ? {} : { lease: { name: lease.name, token: lease.token } }),
  });
}

async function runInBackground(
  context: Context,
  name: string,
  flags: RunTaskFlags,
  { task, directory }: LoadedTask,
): Promise<void> {
  const { startDetached } = await import("../../tasks/detached");
  const main = join(packageRoot(), "dist", "cli", "main.js");
  const options = ["-C", context.directory, "-c", task.file, "--log-level", flags.logLevel];
  const record = await startDetached({
    file: process.execPath,
    args: [main, "run", name, "--background", ...options],
    cwd: context.io.cwd,
    env: context.io.env,
    directory,
  });
  if (record.lastError !== undefined && record.status === "failed") throw failureOf(record.lastError);
  context.print(record, () => startedText(name, record));
  context.exitWith(record.exitCode ?? EXIT.fine);
}

function failureOf({ code, message, hint }: NonNullable<RunRecord["lastError"]>): CdcError {
  return new CdcError(code, message, hint === undefined ? {} : { hint });
}

function startedText(name: string, { process, status }: RunRecord): string {
  if (status === "ended") return `task ${name} has ended already: its input has no more`;
  return `task ${name} runs in the background (process ${process.pid}): cdc logs ${name}, cdc status ${name}, cdc stop ${name}`;
}
