import type { Lsn } from "../../model/lsn";
import type { TableShape } from "../../model/table-shape";
import type { SnapshotMode } from "../../model/topology";
import type { CaptureInstance, DdlEvent } from "../sources/capture-instance";
import type { Drift } from "../sources/drift";
import type { StreamProblem, TableProgress, TableState } from "../stream-events";
import type { SnapshotProgress } from "./snapshot-context";
import type { StoredTable, TableChange } from "./state-store";

/** What was found about reading a table; true while the capture's definitions and the shape are the same. */
export interface Route {
  readonly shape: TableShape;
  readonly ddl: readonly DdlEvent[];
  readonly use: string;
  /** A newer instance, whose turn comes. */
  readonly next: CaptureInstance | undefined;
  readonly drift: Drift;
}

/** A table of the sink that one source feeds, as the stream has it in memory. */
export class TableRun {
  state: TableState = "waiting";
  /** Its own place, while it is stopped or catches up. */
  position: Lsn | undefined;
  instance: string | undefined;
  /** Columns of the source that it takes since they were first captured. */
  columns: readonly string[] | undefined;
  snapshot: SnapshotProgress | undefined;
  /** About how many rows the running snapshot will have copied. */
  snapshotTotal: number | undefined;
  problem: StreamProblem | undefined;
  events = 0;
  deadLetters = 0;
  route: Route | undefined;
  /** True once the sink has a row about it. */
  isKnown = false;
  /** Stopped: when to try again although nothing is seen to have changed, in milliseconds since 1970. */
  retryAt: number | undefined;
  retries = 0;
  /** Shape with which it was last looked at while it didn't go on. */
  triedShape: TableShape | undefined;
  /** Warnings that were told. */
  readonly told = new Set<string>();
  /** Its snapshot has failed so often that a run which is to end doesn't wait for it. */
  givenUp = false;
  /** Ends the snapshot that runs. */
  snapshotRun: AbortController | undefined;
  /** Resolves once it has ended. */
  snapshotEnd: Promise<void> | undefined;

  constructor(
    public shape: TableShape,
    public mode: SnapshotMode,
  ) {}

  /** `schema.table` in the sink. */
  get name(): string {
    return `${this.shape.schema}.${this.shape.table}`;
  }

  /** True while the windows of the source carry its changes. */
  get isStreamed(): boolean {
    return this.state === "streaming" || this.state === "snapshot";
  }

  /** True while a snapshot is to be run for it. */
  get wantsSnapshot(): boolean {
    const { snapshot } = this;
    return this.state === "snapshot" && !this.givenUp && snapshot !== undefined && snapshot.phase !== "done";
  }

  /** Takes what the sink knows. A table that was stopped is tried again. */
  load(stored: StoredTable | undefined): void {
    this.isKnown = stored !== undefined;
    this.state = stored?.state ?? "waiting";
    this.position = stored?.position;
    // A snapshot that ended while the stream stopped the table: its place counts.
    if (this.isStreamed && this.position !== undefined) this.state = "catching_up";
    this.instance = stored?.instance;
    this.columns = stored?.columns;
    this.snapshot = stored?.snapshot;
    this.problem = stored?.problem;
    this.events = stored?.events ?? 0;
    this.deadLetters = stored?.deadLetters ?? 0;
    this.route = undefined;
    this.triedShape = undefined;
  }

  /** Takes a change that the sink has taken. */
  apply(change: TableChange): void {
    this.isKnown = true;
    if (change.state !== undefined) this.state = change.state;
    if (change.position !== undefined) this.position = change.position ?? undefined;
    if (change.instance !== undefined) this.instance = change.instance ?? undefined;
    if (change.columns !== undefined) this.columns = change.columns;
    if (change.snapshot !== undefined) this.snapshot = change.snapshot ?? undefined;
    if (change.problem !== undefined) this.problem = change.problem ?? undefined;
  }

  /** Ends the snapshot that runs, and waits until nothing of it can be written any more; its progress stays. */
  async endSnapshot(): Promise<void> {
    this.snapshotRun?.abort(new Error("the snapshot was ended"));
    await this.snapshotEnd;
  }

  /** The change as a record of this table. */
  change(change: Omit<TableChange, "schema" | "table">): TableChange {
    return { schema: this.shape.schema, table: this.shape.table, ...change };
  }

  progress(source: string): TableProgress {
    const { schema, table, tenant } = this.shape;
    return {
      source,
      schema,
      table,
      ...(tenant === undefined ? {} : { tenant }),
      state: this.state,
      snapshotRows: this.snapshot?.rows ?? 0,
      ...(this.snapshotTotal === undefined ? {} : { snapshotTotal: this.snapshotTotal }),
      events: this.events,
      deadLetters: this.deadLetters,
      ...(this.problem === undefined ? {} : { problem: this.problem }),
    };
  }
}
