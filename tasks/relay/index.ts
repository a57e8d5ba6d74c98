/** Runs a task: see docs/protocol.md. */
export type {
  AckEvent,
  ErrorEvent,
  LogLevel,
  ProviderLogEvent,
  RateEvent,
  ReadyEvent,
  TaskCounters,
  TaskEvent,
  TaskFailure,
} from "./events";
export { runLifecycleCommand, type LifecycleCommandOptions } from "./lifecycle-command";
export { TASK_EXIT } from "./options";
export type { ProviderCommand, RestartOptions, TaskRunOptions, TaskRunResult } from "./options";
export { runTask } from "./run-task";
