/** Runs a task: see docs/protocol.md. */
export type {
  ErrorEvent,
  LogLevel,
  ProviderLogEvent,
  RateEvent,
  ReadyEvent,
  TaskCounters,
  TaskEvent,
  TaskFailure,
} from "./events";
export { TASK_EXIT } from "./options";
export type { ProviderCommand, RestartOptions, TaskRunOptions, TaskRunResult } from "./options";
export { runTask } from "./run-task";
