import type { Lsn } from "../../model/lsn";
import type { CaptureInstance } from "../sources/capture-instance";
import type { TableChange } from "./state-store";
import type { TableRun } from "./table-run";

/** Changes of one table that are read through one instance. */
export interface TableRead {
  readonly table: TableRun;
  readonly instance: CaptureInstance;
  readonly after: Lsn;
  readonly upTo: Lsn;
}

/** A range of whole transactions that goes into the sink in one transaction there. */
export interface Window {
  readonly after: Lsn;
  readonly end: Lsn;
  readonly endTime: Date | undefined;
  /** Commit time of the oldest transaction in it. */
  readonly oldest: Date | undefined;
  readonly transactions: number;
  readonly reads: readonly TableRead[];
  /** Instances that must be complete behind an LSN, also those without changes in the window. */
  readonly guarded: readonly GuardedInstance[];
  /** States to be written together with the rows. */
  readonly changes: readonly TableChange[];
  /** The table that catches up alone; absent for a window of the source. */
  readonly alone?: TableRun;
  /** Row by row, with dead letters for what the sink refuses. */
  readonly careful: boolean;
}

/** An instance through which a table was read up to an LSN: its lowest LSN must not be beyond the one right after. */
export interface GuardedInstance {
  readonly table: TableRun;
  readonly instance: CaptureInstance;
  readonly after: Lsn;
}

/** What a window brought to the sink. */
export interface WindowCounts {
  readonly events: number;
  /** Events and dead letters by table. */
  readonly tables: ReadonlyMap<TableRun, { readonly events: number; readonly dead: number }>;
}
