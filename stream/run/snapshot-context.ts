import type { PgConfig } from "../../databases/postgres/config";
import type { MsSqlConfig } from "../../databases/sqlserver/config";
import type { Lsn } from "../../model/lsn";
import type { TableShape } from "../../model/table-shape";
import type { SourceTopology } from "../../model/topology";
import type { PgClient } from "../sinks/session";
import type { CaptureInstance } from "../sources/capture-instance";
import type { StreamEvent } from "../stream-events";
import type { StreamStep } from "./steps";

/** How far a snapshot is; stored as JSON in `cdc_management.source_tables.snapshot`. */
export interface SnapshotProgress {
  /** Position S0 at which the table joined the stream: rows of the sink that are older when all is copied have vanished. */
  readonly joinedAt: Lsn;
  /** Lowest LSN of the instance when the table joined: from there on the stream has every change, from before the copy. */
  readonly from?: Lsn;
  /**
   * `rows`: all rows, then the deletes. `columns`: rows in which one of `columns` has a value; no deletes.
   * `done`: nothing is left to do.
   */
  readonly phase: "rows" | "deletes" | "columns" | "done";
  /** Phase `columns`: columns of the source that the table takes from now on. */
  readonly columns?: readonly string[];
  /** Exact text of the last key copied, or looked at for deletes; absent at the beginning. */
  readonly last?: readonly (string | null)[];
  /** Columns of the source's key that `last` belongs to: by another key the copy begins anew. */
  readonly key?: readonly string[];
  /** True when the table had no row of this source at the beginning: then none has vanished. */
  readonly fresh?: boolean;
  /** Rows copied. */
  readonly rows: number;
  /** Rows that became dead letters; the sink's older rows of the same keys are not deleted. */
  readonly refused?: number;
  /** Rows deleted since they were not seen. */
  readonly deleted: number;
}

/** Writes a table's progress in the transaction of {@link SnapshotContext.write}. */
export type RecordProgress = (progress: SnapshotProgress) => Promise<void>;

/** What the snapshot of a table gets from the stream that runs it. */
export interface SnapshotContext {
  readonly source: SourceTopology;
  /** `<server>/<database>`. */
  readonly sourceName: string;
  readonly config: MsSqlConfig;
  readonly sink: PgConfig;
  /** `__source` of every row. */
  readonly pipeline: string;
  /** The table as this source feeds it: tenant resolved, constants filled. */
  readonly shape: TableShape;
  /** The instance the stream reads, newest columns. */
  readonly instance: CaptureInstance;
  /** Rows per chunk, when a user says so. */
  readonly chunkRows?: number;
  /** Aborted: stop before the next chunk; what is under way may be rolled back. */
  readonly signal: AbortSignal;
  /**
   * Runs `work` in a transaction of the sink (READ COMMITTED, SAVEPOINT cdc_copy set) that is fenced by the source's
   * lease, and commits. Waits for its turn among the writers, so that chunks and windows alternate. Not repeated: an
   * error means that nothing is known to be committed, and the caller lets it out; the stream starts the snapshot again
   * from the progress that is stored.
   */
  write<T>(work: (client: PgClient, record: RecordProgress) => Promise<T>): Promise<T>;
  /** Call at the steps `snapshot…`. */
  step(step: StreamStep): Promise<void>;
  /** Call after each committed chunk, for the rates. */
  moved(rows: number): void;
  event(event: Omit<StreamEvent, "source" | "table">): void;
}

/** What a stream calls; stream/snapshot gives it. Resolves when phase `done` is recorded; rejects otherwise. */
export type SnapshotTable = (context: SnapshotContext, from: SnapshotProgress) => Promise<void>;
