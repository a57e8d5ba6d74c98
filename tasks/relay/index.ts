/** Runs a task: see docs/protocol.md. */
export type { LogLevel, ReadyEvent, TaskCounters, TaskEvent, TaskFailure } from "./events";
export type { ProviderCommand, TaskRunOptions, TaskRunResult } from "./options";
export { runTask } from "./run-task";
