import { CdcError } from "../../lib/errors";
import { parseLsn, type Lsn } from "../../model/lsn";
import type { KeyText } from "../snapshot/page-reader";

/** How far a source was followed: plain JSON, without a secret. */
export interface FollowState {
  readonly version: 1;
  readonly database: string;
  /** Every change at or before it was given out, but for tables with a place of their own. */
  readonly position: Lsn;
  /** Commit time of the position, by which a restored backup is noticed. */
  readonly commitTime?: string;
  /** By `schema.table`. */
  readonly tables: Readonly<Record<string, FollowTableState>>;
}

/** How far a table was followed. */
export interface FollowTableState {
  /** The capture instance that it was last read through. */
  readonly instance: string;
  /** Columns that were read through it. */
  readonly columns: readonly string[];
  /** Its own place, while it is behind the source's. */
  readonly position?: Lsn;
  /** Changes at or before it aren't wanted, or come by the snapshot. */
  readonly from?: Lsn;
  readonly snapshot?: FollowSnapshot;
  /** Lines up to this place, in hex, were given out as well: reading ended within a transaction. */
  readonly emitted?: string;
}

/** A copy of a table's rows under way. */
export interface FollowSnapshot {
  /** The same for all rows of the copy, also when it is gone on with by another process. */
  readonly id: string;
  /** What must be captured where it is read. */
  readonly joinedAt: Lsn;
  /** Columns of the key that `last` belongs to. */
  readonly key?: readonly string[];
  /** Exact text of the last key that was given out. */
  readonly last?: KeyText;
}

/**
 * Checks what was stored.
 * @throws CdcError `CDC_INPUT_STATE` when it is no state of a follower, or one of another database.
 */
export function checkState(stored: unknown, database: string): FollowState {
  const state = (typeof stored === "object" && stored !== null ? stored : {}) as Partial<FollowState>;
  const { version, position, tables } = state;
  if (version !== 1 || typeof position !== "string" || parseLsn(position) === undefined || !isRecord(tables))
    throw wrong("the stored state is none of this input");
  if (state.database !== database)
    throw wrong(`the stored state is of database ${String(state.database)}, and ${database} is to be read`);
  return state as FollowState;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrong(what: string): CdcError {
  return new CdcError("CDC_INPUT_STATE", what, {
    hint: "Name the database that was read before, or remove the state, so that reading begins anew.",
  });
}
