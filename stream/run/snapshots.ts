import { isTransient } from "../sinks/session";
import { failureKind } from "../../databases/sqlserver/errors";
import { backoffMs, sleep } from "../../lib/retry";
import type { CaptureInstance } from "../sources/capture-instance";
import { estimateRows } from "../snapshot/estimate-rows";
import { snapshotTable } from "../snapshot/snapshot-table";
import { causeOf, problemOf } from "./failures";
import type { SnapshotContext, SnapshotProgress } from "./snapshot-context";
import type { SourceState } from "./source-state";
import { recordTable, type TableChange } from "./state-store";
import type { TableRun } from "./table-run";
import { inTransaction } from "./write-window";

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 30_000;
/** With `once`, attempts without a chunk that was copied. */
const ATTEMPTS_ONCE = 6;

/** Runs the snapshots of a source's tables beside its stream. */
export class Snapshots {
  private readonly running = new Map<TableRun, Promise<void>>();
  /** As the last poll told: names of tables and columns may change while a snapshot runs. */
  private instances: readonly CaptureInstance[] = [];

  constructor(private readonly state: SourceState) {}

  /** Starts those that are wanted and don't run yet. */
  start(instances: readonly CaptureInstance[]): void {
    this.instances = instances;
    for (const table of this.state.tables.values()) {
      if (!table.wantsSnapshot || this.running.has(table)) continue;
      if (this.instanceOf(table) === undefined) continue;
      const run = this.run(table).finally(() => this.running.delete(table));
      this.running.set(table, run);
      table.snapshotEnd = run;
    }
  }

  /** Ends all of them; their progress stays. */
  async stop(): Promise<void> {
    await Promise.all([...this.running.keys()].map((table) => table.endSnapshot()));
  }

  private instanceOf(table: TableRun): CaptureInstance | undefined {
    return this.instances.find(({ name }) => name === table.route?.use);
  }

  private async run(table: TableRun): Promise<void> {
    const control = new AbortController();
    table.snapshotRun = control;
    const { options } = this.state.shared;
    const signal = AbortSignal.any([control.signal, options.signal, this.state.shared.hardStop]);
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      const before = table.snapshot;
      try {
        await this.state.shared.snapshotTurns.use(signal, () => this.once(table, signal));
        return;
      } catch (error) {
        if (isAborted(signal)) return;
        if (table.snapshot !== before) attempt = 1;
        this.failed(table, error);
        if (options.once === true && attempt >= ATTEMPTS_ONCE) {
          table.givenUp = true;
          return;
        }
        await sleep(backoffMs(attempt, FIRST_WAIT_MS, this.longestPauseMs(error)), signal).catch(() => undefined);
      }
    }
  }

  private async once(table: TableRun, signal: AbortSignal): Promise<void> {
    const from = table.snapshot;
    const instance = this.instanceOf(table);
    if (signal.aborted || from === undefined || from.phase === "done" || instance === undefined) return;
    this.tell(table, "snapshot.started", `snapshot of ${table.name} ${from.rows > 0 ? "goes on" : "begins"}`);
    if (from.phase === "rows") table.snapshotTotal = await estimateRows(this.state.config(), instance, signal);
    await snapshotTable(this.context(table, instance, signal), from);
    table.snapshotTotal = undefined;
    const rows = table.snapshot?.rows ?? 0;
    this.tell(table, "snapshot.finished", `snapshot of ${table.name} is done: ${String(rows)} rows`, { rows });
  }

  private context(table: TableRun, instance: CaptureInstance, signal: AbortSignal): SnapshotContext {
    const { state } = this;
    const { options, rates } = state.shared;
    return {
      source: state.topology,
      sourceName: state.name,
      config: state.config(),
      sink: options.sink,
      pipeline: options.pipeline,
      shape: table.shape,
      instance,
      ...(options.snapshotRows === undefined ? {} : { chunkRows: options.snapshotRows }),
      signal,
      write: (work) => this.write(table, work),
      step: (step) => state.step(step, table),
      moved: (rows) => {
        rates.add(rows);
      },
      event: (event) => {
        state.event(event, table);
      },
    };
  }

  /** A chunk's transaction; what it recorded is taken over once it is committed. */
  private async write<T>(table: TableRun, work: Parameters<SnapshotContext["write"]>[0]): Promise<T> {
    const { state } = this;
    const token = state.token();
    let change: TableChange | undefined;
    const result = await inTransaction(state, (client) =>
      work(client, async (progress) => {
        change = progressChange(table, progress);
        await recordTable(client, state.place, token, change);
      }),
    );
    if (change !== undefined) {
      const { state: done, ...rest } = change;
      // Meanwhile the stream may have stopped the table.
      table.apply(done === undefined || table.state !== "snapshot" ? rest : change);
      if (table.state !== "stopped") table.problem = undefined;
    }
    return result as T;
  }

  private failed(table: TableRun, error: unknown): void {
    const problem = problemOf(error, this.state.shared.options.sink);
    table.problem = problem;
    const text = `snapshot of ${table.name}: ${problem.message}`;
    this.state.event({ level: "warn", event: "snapshot.retry", text, details: { code: problem.code } }, table);
  }

  private longestPauseMs(error: unknown): number {
    const { longestRetryMs = LONGEST_WAIT_MS } = this.state.shared.options;
    return isTransient(causeOf(error)) || failureKind(causeOf(error)) === "retry" ? longestRetryMs / 4 : longestRetryMs;
  }

  private tell(table: TableRun, event: string, text: string, details?: Record<string, number>): void {
    this.state.event({ level: "info", event, text, ...(details === undefined ? {} : { details }) }, table);
  }
}

// Not narrowed by the loop's condition: it changes meanwhile.
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function progressChange(table: TableRun, progress: SnapshotProgress): TableChange {
  const isDone = progress.phase === "done" && table.state === "snapshot";
  return table.change({ snapshot: progress, ...(isDone ? { state: "streaming" as const, problem: null } : {}) });
}
