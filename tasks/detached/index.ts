/** Runs of tasks on record, here and in the background: see docs/protocol.md. */
export { eventText, type LogLine } from "./log-line";
export { readLog } from "./read-log";
export { recordRun } from "./record-run";
export { isRunning, taskRun, type RecordedProvider, type RunRecord } from "./run-record";
export { startDetached } from "./start-detached";
export { stopRun, type StopResult } from "./stop-run";
