import type { LifecycleCommand, LifecycleResult, Role } from "../protocol/messages";
import { decodeResult, resultOf } from "../protocol/results";
import { ProviderProcess, type ProviderExit } from "../relay/provider-process";
import { redactorOf, type Redactor } from "../relay/redact";
import { aborted } from "../relay/signals";
import type { StderrLine } from "../relay/stderr-lines";
import type { LifecycleTask, StartedBy, TaskSide } from "./task-side";
import { configFor } from "./upstream";

/** Told of what an external provider writes to stderr. */
export type OnProviderLog = (role: Role, name: string, line: StderrLine) => void;

/**
 * Has an external provider do its part of a command, and reads its answer: the last line of its stdout, once all of it
 * has come. Takes as long as it takes; told to stop, the provider is asked to end, and waited for. Never throws for what
 * the provider does: that is a result that has failed.
 */
export async function callProvider(
  task: LifecycleTask,
  side: TaskSide & { readonly command: StartedBy },
  command: LifecycleCommand,
  onLog: OnProviderLog,
): Promise<LifecycleResult> {
  const { role, name, secrets } = side;
  const redact = redactorOf(secrets);
  const listen = (lines: readonly StderrLine[]): undefined => {
    for (const line of lines) onLog(role, name, line);
  };
  const start = { ...side.command, name, config: configFor(task, side) };
  const provider = new ProviderProcess(start, { command, task: task.name, role, redact, onLog: listen });
  provider.stdin.end();
  const stopped = aborted(task.signal);
  void stopped.promise.then(() => provider.kill("SIGTERM"));
  try {
    const answer = await lastLine(provider);
    const exit = await provider.over();
    await provider.logRead();
    return withoutSecrets(resultFrom(provider, command, answer, exit, task.signal.aborted), redact);
  } finally {
    stopped.forget();
  }
}

async function lastLine({ feed }: ProviderProcess): Promise<string> {
  let last = "";
  for (let line = await feed.readLine(); line !== undefined; line = await feed.readLine()) {
    const text = line.toString().trim();
    if (text !== "") last = text;
  }
  const { torn } = await feed.done;
  const rest = torn?.toString().trim() ?? "";
  return rest === "" ? last : rest;
}

function resultFrom(
  provider: ProviderProcess,
  command: LifecycleCommand,
  answer: string,
  exit: ProviderExit,
  wasStopped: boolean,
): LifecycleResult {
  const result = decodeResult(answer, command);
  if (exit.error !== undefined) {
    return failed(command, "CDC_PROVIDER_NOT_STARTED", `${provider.title} could not be started: ${exit.error.message}`);
  }
  const how = exit.signal === null ? `exited with code ${exit.code ?? 0}` : `was ended by ${exit.signal}`;
  const isFine = exit.code === 0 && exit.signal === null;
  if (result?.status === "failed" || (result !== undefined && isFine)) return result;
  const changes = { changes: result?.changes ?? [], resources: result?.resources ?? [] };
  if (wasStopped) {
    return { ...failed(command, "CDC_PROVIDER_STOPPED", `${provider.title} was told to stop, and ${how}`), ...changes };
  }
  const why = result === undefined ? `${how} without a result of ${command}` : `told success, and ${how}`;
  return { ...failed(command, "CDC_PROVIDER_NO_RESULT", `${provider.title} ${why}${lastWords(provider)}`), ...changes };
}

function lastWords(provider: ProviderProcess): string {
  const { stderr } = provider.about();
  return stderr.length === 0 ? "" : `; it wrote last: ${stderr.slice(-3).join(" | ")}`;
}

function failed(command: LifecycleCommand, code: string, message: string): LifecycleResult {
  return resultOf(command, { status: "failed", error: { code, message } });
}

/** A provider may quote what it was given. */
function withoutSecrets(result: LifecycleResult, redact: Redactor): LifecycleResult {
  return JSON.parse(redact(JSON.stringify(result))) as LifecycleResult;
}
