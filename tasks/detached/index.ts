/** Tasks that run in the background, and what can be seen of any run: see docs/running-tasks.md. */
export { eventText, type LogLine } from "./log-line";
export { readLog } from "./read-log";
export { recordRun } from "./record-run";
export { isRunning, taskRun, type RecordedProvider, type RunRecord } from "./run-record";
export { startDetached } from "./start-detached";
export { stopRun, type StopResult } from "./stop-run";
