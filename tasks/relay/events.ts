import type { Role } from "../protocol/messages";

/** How much a line of a provider's log matters. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** What a task that runs tells. Every text in it is free of the secrets that the run was given. */
export type TaskEvent =
  | { readonly event: "started"; readonly role: Role; readonly name: string; readonly pid: number }
  | ReadyEvent
  | RateEvent
  | AckEvent
  | ProviderLogEvent
  | { readonly event: "warning"; readonly code: string; readonly message: string }
  | ErrorEvent
  | { readonly event: "restart"; readonly attempt: number; readonly delayMs: number }
  | { readonly event: "stopping" }
  | { readonly event: "stopped"; readonly exitCode: number; readonly counters: TaskCounters };

/** The handshake of a provider is done. */
export interface ReadyEvent {
  readonly event: "ready";
  readonly role: Role;
  /** As the task calls it. */
  readonly name: string;
  /** As it calls itself. */
  readonly provider?: string;
  readonly version?: string;
  readonly capabilities: readonly string[];
  /** A legacy provider knows no control lines. */
  readonly legacy: boolean;
}

/** The output has confirmed lines, and the input's state up to there is stored. */
export interface AckEvent {
  readonly event: "ack";
  /** Of this attempt. */
  readonly count: number;
  readonly counters: TaskCounters;
}

/** How fast it goes, at an interval. */
export interface RateEvent extends TaskCounters {
  readonly event: "rate";
  readonly linesPerSecond: number;
  readonly bytesPerSecond: number;
}

/** A line that a provider wrote to stderr. */
export interface ProviderLogEvent {
  readonly event: "log";
  readonly role: Role;
  readonly name: string;
  readonly level: LogLevel;
  readonly text: string;
}

/** Why an attempt failed. */
export interface ErrorEvent extends TaskFailure {
  readonly event: "error";
}

/** What went wrong, and whose fault it is. */
export interface TaskFailure {
  readonly role?: Role;
  readonly name?: string;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly retryable: boolean;
  /** The last lines that the provider wrote to stderr. */
  readonly stderr: readonly string[];
}

/** Since the start of the task, over all attempts. */
export interface TaskCounters {
  /** Data lines that went from input to output. */
  readonly lines: number;
  /** Of them, with their line ends. */
  readonly bytes: number;
  /** Data lines that the output has confirmed. */
  readonly acked: number;
  readonly restarts: number;
}
