import type { Lsn } from "../model/lsn";

/** How far one table is. */
export type TableState = "waiting" | "snapshot" | "streaming" | "catching_up" | "stopped";

/** Why a table or a source doesn't go on, and what to do. */
export interface StreamProblem {
  /** Code of the CdcError, such as `CDC_SOURCE_GAP`. */
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** One sink table fed by one source. */
export interface TableProgress {
  /** `<server>/<database>`. */
  readonly source: string;
  readonly schema: string;
  readonly table: string;
  readonly tenant?: string;
  readonly state: TableState;
  /** Rows copied by the running or last snapshot. */
  readonly snapshotRows: number;
  /** About how many rows the source has, as the running snapshot was told at its start. */
  readonly snapshotTotal?: number;
  readonly events: number;
  readonly deadLetters: number;
  readonly problem?: StreamProblem;
}

/** One source database. */
export interface SourceProgress {
  /** `<server>/<database>`. */
  readonly source: string;
  readonly tenants: readonly string[];
  /** `retrying`: the last attempt failed in a way that may pass. `standby`: another process has the lease. */
  readonly state: "starting" | "streaming" | "idle" | "retrying" | "standby" | "stopped";
  /** Every change up to it is in the sink. */
  readonly position?: Lsn;
  /** Highest LSN that the source has captured. */
  readonly maxLsn?: Lsn;
  /** Age of the oldest change that is captured and not in the sink, 0 when there is none; undefined before the first look. */
  readonly lagMs?: number;
  readonly events: number;
  readonly transactions: number;
  /** Windows committed. */
  readonly commits: number;
  readonly problem?: StreamProblem;
}

/** What a running stream is doing now. */
export interface StreamStatus {
  readonly pipeline: string;
  readonly sources: readonly SourceProgress[];
  readonly tables: readonly TableProgress[];
  /** Events per second over the last seconds, changes and snapshot rows together. */
  readonly eventsPerSecond: number;
}

/** Something worth a line in the log. */
export interface StreamEvent {
  /** `debug` is what comes often, such as every committed window. */
  readonly level: "debug" | "info" | "warn" | "error";
  /** Stable word for machines, such as `source.started`, `window.committed`, `snapshot.finished`, `table.stopped`, `source.retry`. */
  readonly event: string;
  readonly text: string;
  readonly source?: string;
  /** `schema.table` in the sink. */
  readonly table?: string;
  readonly tenant?: string;
  /** Further numbers and words for `--json`. */
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}
