import type { CommonTable, Expr, Query, TypeRef } from "../parse/ast";
import type { ResultColumn } from "../session";
import type { Database } from "../storage/database";
import type { Instance } from "../storage/instance";
import type { ReadView, Row } from "../storage/row";
import type { Table } from "../storage/table";
import type { SqlType } from "../values/sql-type";
import type { Value, Values } from "../values/value";
import type { StoredPiece } from "./access";
import type { Compiled, Condition, Frame } from "./compiled";
import type { Scope } from "./scope";

/** A variable or parameter. */
export interface Variable {
  readonly type: SqlType;
  value: Value;
}

/** A table whose rows are made when it is read: catalog views and functions. */
export interface VirtualTable {
  readonly columns: readonly ResultColumn[];
  rows(): Iterable<Values>;
}

/** A table-valued function. */
export interface TableFunction {
  readonly columns: readonly ResultColumn[];
  /** Fewest and most arguments. */
  readonly min: number;
  readonly max: number;
  /** What an error says when there are too few, such as `cdc.fn_cdc_get_all_changes_…`. */
  readonly shownName: string;
  rows(args: readonly TypedValue[]): Iterable<Values>;
}

/** A value and its type. */
export interface TypedValue {
  readonly type: SqlType;
  readonly value: Value;
}

/** What a statement can refer to and ask for; one per session and batch. */
export interface Context {
  readonly instance: Instance;
  readonly session: SessionState;
  readonly database: Database;
  /** Variables of the batch by folded name, and table variables. */
  readonly variables: Map<string, Variable>;
  readonly tableVariables: Map<string, Table>;
  /** Common tables in reach, innermost first. */
  readonly common: readonly { readonly table: CommonTable; readonly context: Context }[];
  /** The statement's moment: GETDATE() is the same in all of it. */
  readonly now: bigint;
  readonly compile: Rules;
  /** Rows of the table that a statement changes, by the values they are seen with. */
  readonly tracked?: { readonly table: Table; readonly rows: Map<Values, Row> };
  view(hints: readonly string[], table: Table): ReadView;
  /** A table that holds rows; undefined when the name is a view's or nobody's. */
  findTable(name: readonly string[]): Table | undefined;
  /** A view or system table; undefined when there is none of that name. */
  findView(name: readonly string[]): VirtualTable | undefined;
  /** A table-valued function; undefined when there is none of that name. */
  findTableFunction(name: readonly string[]): TableFunction | undefined;
}

/** What ERROR_NUMBER() and its like tell of an error. */
export interface CaughtError {
  readonly number: number;
  readonly severity: number;
  readonly state: number;
  readonly message: string;
  readonly line: number;
  readonly procedure: string;
}

/** What a session remembers from statement to statement. */
export interface SessionState {
  readonly id: number;
  readonly login: string;
  readonly host: string;
  readonly application: string;
  rowCount: bigint;
  lastError: number;
  identity: bigint | null;
  scopeIdentity: bigint | null;
  /** The error that the CATCH block deals with. */
  readonly caught: readonly CaughtError[];
  readonly options: {
    noCount: boolean;
    xactAbort: boolean;
    lockTimeoutMs: number;
    dateFirst: number;
    rowLimit: number;
    textSize: number;
  };
  readonly isolation: string;
  transactionCount(): number;
  /** 1 active, 0 none, -1 can only be rolled back. */
  transactionState(): number;
  readonly procedureDepth: number;
  readonly preparedCount: number;
  readonly contextInfo: Buffer | null;
  /** The table whose identity column takes given values. */
  readonly identityInsert: Table | undefined;
}

/** The compilers that call one another across files. */
export interface Rules {
  expression(expr: Expr, scope: Scope, context: Context): Compiled;
  condition(expr: Expr, scope: Scope, context: Context): Condition;
  query(query: Query, outer: Scope | undefined, context: Context): CompiledQuery;
  type(ref: TypeRef): SqlType;
}

/** One row of a result: rows of sources, and computed values. */
export interface ResultRow {
  readonly sources: readonly Values[];
  readonly computed: Values;
}

/** A query, ready to run. */
export interface CompiledQuery {
  readonly columns: readonly ResultColumn[];
  readonly plan: import("../session").RowPlan;
  /** Ordinals of the columns it is sorted by. */
  readonly order: readonly number[];
  rows(frame: Frame): Iterable<ResultRow>;
  /** The rows of the only table as they are stored, where the result is nothing but them; a shorter way to the same. */
  readonly stored?: (frame: Frame) => StoredPiece[];
  /** A row as one list of values. */
  flatten(row: ResultRow): Values;
}
