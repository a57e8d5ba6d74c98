/** Tasks that run in the background, and what can be seen of any run: see docs/running-tasks.md. */
export { eventText, logLineOf, type LogLine } from "./log-line";
export { readLog, type LogOptions } from "./read-log";
export { recordRun, type RecordedRunOptions } from "./record-run";
export { isRunning, taskRun, type RecordedProvider, type RunRecord, type RunStatus } from "./run-record";
export { startDetached, type DetachedCommand } from "./start-detached";
export { stopRun, type StopOptions, type StopResult } from "./stop-run";
