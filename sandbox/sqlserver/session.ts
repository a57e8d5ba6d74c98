import type { SqlError } from "./errors";
import type { PackedRange } from "./storage/packed-rows";
import type { SqlType } from "./values/sql-type";
import type { Value, Values } from "./values/value";

/** A column of a result. */
export interface ResultColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  readonly identity?: boolean;
  readonly computed?: boolean;
  /** It is a column of a table, not an expression. */
  readonly stored?: boolean;
}

/** Columns of a result that come from one row of a table, next to one another: their bytes are kept with that row. */
export interface Segment {
  /** Which source row; -1 for computed values. */
  readonly source: number;
  /** Positions in the source row, or among the computed values. */
  readonly ordinals: readonly number[];
}

/** How the rows of a result are put together. */
export interface RowPlan {
  readonly columns: readonly ResultColumn[];
  readonly segments: readonly Segment[];
}

/** What a statement reports at its end. */
export interface Done {
  /** Rows affected or returned; absent when the statement has no such number. */
  readonly count?: number;
  /** Number of the command, such as 0xc1 for SELECT. */
  readonly command: number;
  readonly failed?: boolean;
  /** `inProc` within a procedure, `proc` at its end. */
  readonly kind: "batch" | "inProc" | "proc";
}

/** What the client learns about its session besides rows. */
export type Environment =
  | { readonly kind: "database"; readonly to: string; readonly from: string }
  | { readonly kind: "begin" | "commit" | "rollback"; readonly transaction: bigint }
  | { readonly kind: "reset" };

/** An output parameter's value on the way back. */
export interface ReturnValue {
  readonly name: string;
  readonly ordinal: number;
  readonly type: SqlType;
  readonly value: Value;
}

/** Where a session writes its answer; order is kept. */
export interface Output {
  /** Begins a result; the rows that follow have this plan. */
  plan(plan: RowPlan): void;
  /** One row: the source rows of the plan's segments, and the computed values. */
  row(sources: readonly Values[], computed: Values): void;
  /** Rows of the only source, which are packed. */
  packed(range: PackedRange): void;
  /** Ordinals, from 1, of the columns by which the rows are sorted. */
  order(columns: readonly number[]): void;
  done(done: Done): void;
  /** An error, or a message when its severity is 10 or less. */
  message(error: SqlError): void;
  environment(change: Environment): void;
  returnStatus(status: number): void;
  returnValue(value: ReturnValue): void;
  /** Resolves when the client keeps up again; awaited now and then while rows flow. */
  drained(): Promise<void> | undefined;
}

/** A parameter of a procedure call. */
export interface RpcParameter {
  /** With its `@`; empty when given by position. */
  readonly name: string;
  readonly type: SqlType;
  readonly value: Value;
  readonly output: boolean;
  readonly useDefault: boolean;
}

/** A procedure call that came as RPC. */
export interface RpcCall {
  readonly procedure: string;
  readonly parameters: readonly RpcParameter[];
}

/** A transaction request that came as a message of its own rather than as SQL. */
export interface TransactionRequest {
  readonly kind: "begin" | "commit" | "rollback" | "save";
  readonly name: string;
  /** 0 leaves it as it is; 1 read uncommitted, 2 committed, 3 repeatable, 4 serializable, 5 snapshot. */
  readonly isolation: number;
  /** Commit or roll back, and begin the next one at once. */
  readonly beginNext: boolean;
}

/** A column of a bulk load. */
export interface BulkColumn {
  readonly name: string;
  readonly type: SqlType;
}

/** The rows that follow INSERT BULK. */
export interface BulkLoad {
  readonly columns: readonly BulkColumn[];
  readonly rows: readonly Values[];
}

/** What a login asks for. */
export interface LoginRequest {
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly application: string;
  readonly host: string;
  readonly language: string;
}

/** One client's session. Requests come one after another; attention and close at any time. */
export interface Session {
  readonly id: number;
  readonly database: string;
  batch(sql: string, output: Output): Promise<void>;
  call(call: RpcCall, output: Output): Promise<void>;
  transaction(request: TransactionRequest, output: Output): Promise<void>;
  bulk(load: BulkLoad, output: Output): Promise<void>;
  /** Gives up what runs. */
  attention(): void;
  /** Puts settings back; a pool hands the connection to its next user. */
  reset(output: Output): void;
  /** Rolls back and forgets. */
  close(): void;
}

/** Opens sessions. Throws SqlError (18456, 4060) when the login fails. */
export interface Backend {
  readonly serverName: string;
  login(request: LoginRequest): Session;
}
