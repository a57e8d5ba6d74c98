import type { StreamProblem } from "../stream-events";

/**
 * `missing`: not in the sink. `extra`: only in the sink. `different`: other values. `refused`: the sink's types cannot
 * hold the row of the source; it is among the dead letters when the stream has met it.
 */
export type DifferenceKind = "missing" | "extra" | "different" | "refused";

/** One row that source and sink don't agree about. */
export interface Difference {
  readonly kind: DifferenceKind;
  /** Values of the sink's key by column, as PostgreSQL prints them; those of the source's key when the sink cannot hold them. */
  readonly key: Readonly<Record<string, string | null>>;
  /** Columns that differ, of kind `different`. */
  readonly columns?: readonly string[];
  /** Why the sink cannot hold it, of kind `refused`. */
  readonly reason?: string;
}

/** What a comparison of one table came to. */
export interface VerifiedTable {
  /** `<server>/<database>`. */
  readonly source: string;
  readonly sourceTable: string;
  /** In the sink. */
  readonly schema: string;
  readonly table: string;
  readonly tenant?: string;
  /** Rows of the source that were compared. */
  readonly rows: number;
  readonly equal: boolean;
  /** Rows of each kind that were found different at the first look and not looked at again, since enough were known. */
  readonly counts: Readonly<Record<DifferenceKind, number>>;
  /** Rows by name, at most as many as asked for. */
  readonly differences: readonly Difference[];
  /** Rows that kept changing, or whose changes the stream hasn't brought yet, when the time was up: neither equal nor different. */
  readonly unsettled: number;
  /** What was in the way of looking again: no stream, or one that is behind. */
  readonly remark?: string;
  /** Why it couldn't be compared; then `equal` is false. */
  readonly problem?: StreamProblem;
  readonly durationMs: number;
}

/** What a comparison came to. */
export interface VerifyResult {
  /** True when every table was compared and is equal. */
  readonly equal: boolean;
  readonly tables: readonly VerifiedTable[];
  readonly durationMs: number;
}
