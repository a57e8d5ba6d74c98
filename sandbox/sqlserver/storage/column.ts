import type { Expr } from "../parse/ast";
import type { SqlType } from "../values/sql-type";

/** An expression that belongs to a column or constraint, and its text as written. */
export interface StoredExpr {
  readonly expr: Expr;
  readonly text: string;
}

/** A DEFAULT, which is a constraint with a name. */
export interface DefaultValue extends StoredExpr {
  readonly name: string;
  readonly id: number;
}

/** A column of a table. */
export interface Column {
  /** column_id: from 1, never used again after the column was dropped. */
  readonly id: number;
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  readonly identity: boolean;
  readonly computed?: StoredExpr & { readonly persisted: boolean };
  readonly default?: DefaultValue;
}

/** A column of a key, by position in the table's columns. */
export interface IndexColumn {
  readonly column: Column;
  readonly descending: boolean;
}

/** CHECK. */
export interface CheckConstraint extends StoredExpr {
  readonly name: string;
  readonly id: number;
  readonly enabled: boolean;
}

/** FOREIGN KEY. */
export interface ForeignKey {
  readonly name: string;
  readonly id: number;
  readonly columns: readonly string[];
  readonly targetId: number;
  readonly targetColumns: readonly string[];
  readonly enabled: boolean;
}

/** Counts the values of an identity column; never goes back. */
export interface Identity {
  readonly seed: bigint;
  readonly increment: bigint;
  /** Absent before the first row. */
  last: bigint | undefined;
}
