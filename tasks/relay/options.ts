import type { Writable } from "node:stream";
import type { JsonObject } from "../protocol/json-object";
import type { LeaseToken } from "../protocol/messages";
import type { TaskCounters, TaskEvent, TaskFailure } from "./events";

/** A provider to start: a command that was resolved already, without a shell. */
export interface ProviderCommand {
  /** As the task calls it: `sqlserver`, `./bin/x`. Also says whose state is stored. */
  readonly name: string;
  /** Absolute, or looked up on PATH. */
  readonly file: string;
  readonly args: readonly string[];
  readonly config: JsonObject;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Working directory; that of this process when absent. */
  readonly cwd?: string;
}

/** What {@link runTask} runs, and how. */
export interface TaskRunOptions {
  readonly task: string;
  readonly input: ProviderCommand;
  readonly output: ProviderCommand;
  /** Aborted: the task is stopped gracefully. */
  readonly signal: AbortSignal;
  /** Folder where the task keeps `state.json`; without it an input's state lasts only until the end of this run. */
  readonly directory?: string;
  /** Whether every line is checked to be JSON before the output gets it; default `parsed`. */
  readonly check?: "parsed" | "none";
  /** How long a provider may take to get ready; 0: as long as it likes. Default 30,000. */
  readonly handshakeTimeoutMs?: number;
  readonly restart?: RestartOptions;
  /** Longest silence of a provider that sends heartbeats; 0: any. Default 60,000. */
  readonly silenceTimeoutMs?: number;
  /** How long a provider that was told to stop may take, and an output without a sign of life to write the rest. Default 30,000. */
  readonly stopTimeoutMs?: number;
  /** Between two `rate` events; default 10,000. */
  readonly rateIntervalMs?: number;
  /** The lease that this run holds, told to both providers. */
  readonly lease?: LeaseToken;
  /** Values that must not be printed. */
  readonly secrets?: readonly string[];
  /** Where text of the output goes; nowhere when absent. */
  readonly stdout?: Writable;
  readonly onEvent?: (event: TaskEvent) => void;
  /** Asked after events of the log: what has to be waited for before more may come, such as a full pipe. */
  readonly logRoom?: () => Promise<void> | undefined;
}

/** How a task that failed is started again: both providers, from the stored state. */
export interface RestartOptions {
  /** How often in a row; default 10, 0: never. A minute without a failure counts as a new start. */
  readonly max?: number;
  /** Default 1,000; doubles up to `longestMs`, the upper half of it at random. */
  readonly firstMs?: number;
  /** Default 60,000. */
  readonly longestMs?: number;
}

/** How a task ended. */
export interface TaskRunResult {
  /** One of {@link TASK_EXIT}. */
  readonly exitCode: number;
  /** `eof`: the input has no more; `stopped`: by the signal. */
  readonly ended: "eof" | "stopped" | "failed";
  readonly counters: TaskCounters;
  readonly failure?: TaskFailure;
}

/** What the exit code of `cdc run <task>` means. */
export const TASK_EXIT = {
  fine: 0,
  provider: 2,
  restartsUsedUp: 3,
  input: 4,
  output: 5,
} as const;
