import { backoffMs, sleep } from "../../lib/retry";
import { runAttempt, type AttemptEnd, type AttemptSetting } from "./attempt";
import type { TaskEvent } from "./events";
import { RelayError, relayErrorOf, taskFailure } from "./failure";
import { TASK_EXIT, type RestartOptions, type TaskRunOptions, type TaskRunResult } from "./options";
import { redactorOf } from "./redact";
import { RunCounters } from "./run-counters";
import { StateFile } from "./state-file";
import { MemoryState } from "./state-store";

/** A run of this length without a failure makes those before it forgotten. */
const HEALTHY_MS = 60_000;

/** Failures that speak of a wrong command or config while nothing was ever ready, and of bad luck afterwards. */
const MISCONFIGURED_AT_FIRST: ReadonlySet<string> = new Set(["CDC_PROVIDER_GONE", "CDC_PROVIDER_HANDSHAKE"]);

/**
 * Runs a task until its input has no more, the signal is aborted, or it fails for good: starts both providers, moves the
 * lines, stores the input's state when the output has confirmed, and starts both again after what may pass.
 */
export async function runTask(options: TaskRunOptions): Promise<TaskRunResult> {
  const setting = settingOf(options);
  const { counters, emit } = setting;
  const result = await runToTheEnd(setting, new Restarts(options.restart));
  emit({ event: "stopped", exitCode: result.exitCode, counters: counters.counters });
  return { ...result, counters: counters.counters };
}

type Ended = Omit<TaskRunResult, "counters">;

function settingOf(options: TaskRunOptions): Omit<AttemptSetting, "onReady"> {
  const emit = (event: TaskEvent) => options.onEvent?.(event);
  const { directory, input, secrets = [] } = options;
  const store = directory === undefined ? new MemoryState() : new StateFile(directory, input.name);
  return { options, store, counters: new RunCounters(), redact: redactorOf(secrets), emit };
}

async function runToTheEnd(setting: Omit<AttemptSetting, "onReady">, restarts: Restarts): Promise<Ended> {
  const { options, counters, emit, redact } = setting;
  for (;;) {
    const end = await attempt(setting, restarts);
    if (!(end instanceof RelayError)) return { exitCode: TASK_EXIT.fine, ended: end };
    const failure = taskFailure(end, redact);
    emit({ event: "error", ...failure });
    const delayMs = end.retryable ? restarts.next() : undefined;
    if (delayMs === undefined) return { exitCode: exitCodeOf(end, restarts), ended: "failed", failure };
    counters.restarts += 1;
    counters.nextAttempt();
    emit({ event: "restart", attempt: restarts.count, delayMs });
    try {
      await sleep(delayMs, options.signal);
    } catch {
      return { exitCode: TASK_EXIT.fine, ended: "stopped" };
    }
  }
}

async function attempt(setting: Omit<AttemptSetting, "onReady">, restarts: Restarts): Promise<AttemptEnd | RelayError> {
  try {
    return await runAttempt({ ...setting, onReady: () => restarts.ready() });
  } catch (error) {
    const found = relayErrorOf(error);
    return restarts.wasReady && MISCONFIGURED_AT_FIRST.has(found.code) ? found.asRetryable() : found;
  } finally {
    restarts.ended();
  }
}

function exitCodeOf({ stage, role, retryable }: RelayError, restarts: Restarts): number {
  if (retryable && restarts.count > 0) return TASK_EXIT.restartsUsedUp;
  if (stage !== "run" || role === undefined) return TASK_EXIT.provider;
  return role === "input" ? TASK_EXIT.input : TASK_EXIT.output;
}

/** How often in a row it was started again. */
class Restarts {
  /** In a row. */
  count = 0;
  wasReady = false;
  private readyAt: number | undefined;

  constructor(private readonly options: RestartOptions = {}) {}

  ready(): void {
    this.wasReady = true;
    this.readyAt = performance.now();
  }

  ended(): void {
    if (this.readyAt !== undefined && performance.now() - this.readyAt >= HEALTHY_MS) this.count = 0;
    this.readyAt = undefined;
  }

  /** How long to wait before the next one; undefined when there is none. */
  next(): number | undefined {
    const { max = 10, firstMs = 1_000, longestMs = 60_000 } = this.options;
    if (this.count >= max) return undefined;
    this.count += 1;
    return backoffMs(this.count, firstMs, longestMs);
  }
}
