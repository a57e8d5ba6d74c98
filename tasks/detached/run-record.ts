import { join } from "node:path";
import { textIfThere, writeWhole } from "../../lib/generated-files";
import { isAlive, type ProcessIdentity } from "../../stream/leases/process-identity";
import type { Role } from "../protocol/messages";
import type { TaskCounters, TaskFailure } from "../relay";

/** What a run is doing, or how it ended. `died`: its process is gone without a word. */
export type RunStatus = "starting" | "running" | "restarting" | "stopping" | "ended" | "stopped" | "failed" | "died";

/** A provider of a run. */
export interface RecordedProvider {
  /** As the task calls it. */
  readonly name: string;
  readonly process?: ProcessIdentity;
  /** As it calls itself. */
  readonly provider?: string;
  readonly version?: string;
  readonly capabilities: readonly string[];
  readonly legacy: boolean;
  readonly isReady: boolean;
}

/** The last run of a task: `run.json` in the task's folder. */
export interface RunRecord {
  readonly version: 1;
  readonly task: string;
  readonly process: ProcessIdentity;
  readonly detached: boolean;
  readonly status: RunStatus;
  /** ISO 8601, as all times. */
  readonly startedAt: string;
  readonly updatedAt: string;
  readonly endedAt?: string;
  readonly exitCode?: number;
  readonly providers: Readonly<Partial<Record<Role, RecordedProvider>>>;
  readonly counters: TaskCounters;
  readonly linesPerSecond: number;
  readonly bytesPerSecond: number;
  /** When the output last confirmed something. */
  readonly lastAckAt?: string;
  readonly lastError?: TaskFailure & { readonly at: string };
}

const NAME = "run.json";
const ENDED: readonly RunStatus[] = ["ended", "stopped", "failed"];

/** The record in a task's folder as it was written; undefined when the task never ran. */
export function readRecord(directory: string): RunRecord | undefined {
  const text = textIfThere(join(directory, NAME));
  return text === undefined ? undefined : (JSON.parse(text) as RunRecord);
}

/** Replaces the record. */
export function writeRecord(directory: string, record: RunRecord): void {
  writeWhole(join(directory, NAME), `${JSON.stringify(record)}\n`);
}

/** Whether a run's process lives; its number may belong to another process by now, which doesn't count. */
export function isRunning(record: RunRecord): boolean {
  return !ENDED.includes(record.status) && isAlive(record.process) !== false;
}

/** The last run of a task as it is now; undefined when the task never ran. */
export function taskRun(directory: string): RunRecord | undefined {
  const record = readRecord(directory);
  if (record === undefined || ENDED.includes(record.status) || isRunning(record)) return record;
  return { ...record, status: "died", linesPerSecond: 0, bytesPerSecond: 0 };
}
