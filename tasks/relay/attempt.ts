import { awaitReady, type Ready } from "./await-ready";
import type { TaskEvent } from "./events";
import { DataFlow } from "./data-flow";
import type { ProviderCommand, TaskRunOptions } from "./options";
import { ProviderProcess } from "./provider-process";
import type { Redactor } from "./redact";
import type { RunCounters } from "./run-counters";
import { aborted } from "./signals";
import type { StateStore } from "./state-store";
import type { StderrLine } from "./stderr-lines";

/** What an attempt shares with those before and after it. */
export interface AttemptSetting {
  readonly options: TaskRunOptions;
  readonly store: StateStore;
  readonly counters: RunCounters;
  readonly redact: Redactor;
  readonly emit: (event: TaskEvent) => void;
  /** Called when both providers are ready. */
  readonly onReady: () => void;
}

/** How an attempt ended that did not fail. */
export type AttemptEnd = "eof" | "stopped";

const HANDSHAKE_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 30_000;

/** Runs both providers once, from the stored state to the end. Throws a RelayError; nothing runs afterwards. */
export async function runAttempt(setting: AttemptSetting): Promise<AttemptEnd> {
  const state = await setting.store.read();
  const input = start("input", setting.options.input, setting, state);
  const output = start("output", setting.options.output, setting);
  const stopTimeoutMs = setting.options.stopTimeoutMs ?? STOP_TIMEOUT_MS;
  let flow: DataFlow | undefined;
  try {
    const ready = await bothReady(input, output, setting);
    if (ready === "stopped") return "stopped";
    setting.onReady();
    flow = new DataFlow(...ready, setting, stopTimeoutMs);
    return await flow.run();
  } finally {
    await Promise.all([end(input, stopTimeoutMs), end(output, stopTimeoutMs)]);
    // What the output has confirmed until its last moment counts for the next attempt.
    await flow?.settled();
  }
}

function start(
  role: "input" | "output",
  command: ProviderCommand,
  { options, redact, emit }: AttemptSetting,
  state?: unknown,
): ProviderProcess {
  const onLog = (lines: readonly StderrLine[]) => {
    for (const line of lines) emit({ event: "log", role, name: command.name, ...line });
    return options.logRoom?.();
  };
  const { task, lease } = options;
  const setting = { command: "run", task, lease, role, state, redact, onLog } as const;
  const provider = new ProviderProcess(command, setting);
  if (provider.pid !== undefined) emit({ event: "started", role, name: command.name, pid: provider.pid });
  return provider;
}

async function bothReady(
  input: ProviderProcess,
  output: ProviderProcess,
  { options, emit }: AttemptSetting,
): Promise<[Ready, Ready] | "stopped"> {
  const timeoutMs = options.handshakeTimeoutMs ?? HANDSHAKE_TIMEOUT_MS;
  const one = async (provider: ProviderProcess) => {
    const ready = await awaitReady(provider, timeoutMs);
    emit(ready.event);
    return ready;
  };
  const stopped = aborted(options.signal);
  try {
    return await Promise.race([Promise.all([one(input), one(output)]), stopped.promise.then(() => "stopped" as const)]);
  } finally {
    stopped.forget();
  }
}

/** Ends what still runs: first it is asked to, then it is made to. */
async function end(provider: ProviderProcess, graceMs: number): Promise<void> {
  if (!provider.feed.isTaken) provider.feed.discard();
  provider.feed.resume();
  if (provider.ended === undefined) {
    provider.stdin.end();
    provider.kill("SIGTERM");
    const timer = setTimeout(() => provider.kill("SIGKILL"), graceMs);
    await provider.exited;
    clearTimeout(timer);
  }
  await provider.over();
  await provider.logRead();
}
