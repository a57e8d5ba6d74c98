import type { Column } from "../storage/column";
import type { SqlType } from "../values/sql-type";
import type { Value, Values } from "../values/value";

/** What an expression is computed from: the rows of FROM, what was grouped, and the query around. */
export interface Frame {
  /** One row per source. */
  readonly rows: readonly Values[];
  readonly parent: Frame | undefined;
  /** Values of GROUP BY and of the aggregates, where the query has them. */
  readonly groups?: Values;
  readonly aggregates?: Values;
  /** Values of the window functions. */
  windows?: Value[];
}

/** A frame without rows. */
export const EMPTY_FRAME: Frame = { rows: [], parent: undefined };

/** An expression, ready to run. */
export interface Compiled {
  readonly type: SqlType;
  readonly nullable: boolean;
  readonly run: (frame: Frame) => Value;
  /** The same for all rows of a statement. */
  readonly constant?: boolean;
  /** The word NULL, which has every type. */
  readonly isNull?: boolean;
  /** Digits of an integer that is written out: decimal arithmetic counts those, not the type's. */
  readonly digits?: number;
  /** It is a column of a source of this query, unchanged. */
  readonly field?: { readonly slot: number; readonly ordinal: number; readonly column: Column | undefined };
  /** Its text has an explicit COLLATE. */
  readonly collated?: boolean;
}

/** A condition: true, false or unknown. */
export type Condition = (frame: Frame) => boolean | null;
