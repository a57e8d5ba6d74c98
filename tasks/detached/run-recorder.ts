import { identityOf, ownIdentity } from "../../stream/leases/process-identity";
import type { Role } from "../protocol/messages";
import type { ReadyEvent, TaskEvent, TaskRunResult } from "../relay";
import { LogFile } from "./log-file";
import { logLineOf } from "./log-line";
import { writeRecord, type RecordedProvider, type RunRecord } from "./run-record";

/** How often the record is written while lines flow. */
const WRITE_MS = 1_000;

/** Keeps `run.json` and the log of a run up to date. */
export class RunRecorder {
  private record: RunRecord;
  private readonly log: LogFile;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly directory: string,
    task: string,
    detached: boolean,
  ) {
    this.log = new LogFile(directory);
    const startedAt = new Date().toISOString();
    this.record = {
      version: 1,
      task,
      process: ownIdentity(),
      detached,
      status: "starting",
      startedAt,
      updatedAt: startedAt,
      providers: {},
      counters: { lines: 0, bytes: 0, acked: 0, restarts: 0 },
      linesPerSecond: 0,
      bytesPerSecond: 0,
    };
    this.write();
  }

  /** Takes an event of the run. */
  take(event: TaskEvent): void {
    const line = logLineOf(event, new Date());
    if (line !== undefined) this.log.add(line, event.event !== "log");
    const change = this.changeBy(event);
    if (change === undefined) return;
    this.record = { ...this.record, ...change };
    if (event.event === "ack") this.timer ??= setTimeout(() => this.write(), WRITE_MS).unref();
    else this.write();
  }

  /** A line that the output prints. */
  addText(text: string): void {
    this.log.add({ time: new Date().toISOString(), level: "info", event: "text", text }, false);
  }

  /** The run is over. */
  end({ exitCode, ended, counters }: Pick<TaskRunResult, "exitCode" | "ended" | "counters">): void {
    const status = ended === "eof" ? "ended" : ended;
    const endedAt = new Date().toISOString();
    this.record = { ...this.record, status, exitCode, counters, endedAt, linesPerSecond: 0, bytesPerSecond: 0 };
    this.write();
    this.log.close();
  }

  /** The process ends in the middle of it. */
  cutOff(exitCode: number): void {
    this.end({ exitCode, ended: "stopped", counters: this.record.counters });
  }

  private write(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.record = { ...this.record, updatedAt: new Date().toISOString() };
    writeRecord(this.directory, this.record);
  }

  private changeBy(event: TaskEvent): Partial<RunRecord> | undefined {
    const now = new Date().toISOString();
    switch (event.event) {
      case "started":
        return this.provider(event.role, {
          name: event.name,
          process: identityOf(event.pid),
          capabilities: [],
          legacy: false,
          isReady: false,
        });
      case "ready":
        return this.ready(event);
      case "rate": {
        const { event: _event, linesPerSecond, bytesPerSecond, ...counters } = event;
        return { counters, linesPerSecond, bytesPerSecond };
      }
      case "ack":
        return { lastAckAt: now, counters: event.counters };
      case "error": {
        const { event: _event, ...failure } = event;
        return { lastError: { ...failure, at: now } };
      }
      case "restart":
        return {
          status: "restarting",
          counters: { ...this.record.counters, restarts: this.record.counters.restarts + 1 },
        };
      case "stopping":
        return { status: "stopping" };
      default:
        return undefined;
    }
  }

  private ready({ event: _event, role, ...about }: ReadyEvent): Partial<RunRecord> {
    const change = this.provider(role, { ...this.record.providers[role], ...about, isReady: true });
    const other = this.record.providers[role === "input" ? "output" : "input"];
    return other?.isReady === true ? { ...change, status: "running" } : change;
  }

  private provider(role: Role, provider: RecordedProvider): Partial<RunRecord> {
    return { providers: { ...this.record.providers, [role]: provider } };
  }
}
