import type { AlterAction, ColumnSpec, IndexSpec, TableConstraint } from "./ast-definitions";
import type { SqlType } from "../values/sql-type";
import type { Value } from "../values/value";

/** A name of up to four parts: server, database, schema, object. */
export type Name = readonly string[];

/** A type as it is written; resolved where it is used. */
export interface TypeRef {
  readonly name: Name;
  /** Length, or precision and scale; `max` is -1. */
  readonly arguments: readonly number[];
}

/** Operators between two values. */
export type BinaryOperator = "+" | "-" | "*" | "/" | "%" | "&" | "|" | "^";
/** Operators that compare. */
export type Comparison = "=" | "<>" | "<" | "<=" | ">" | ">=";

/** The part after OVER. */
export interface Window {
  readonly partitionBy: readonly Expr[];
  readonly orderBy: readonly OrderItem[];
}

/** An expression or a condition. */
export type Expr =
  | { readonly kind: "literal"; readonly type: SqlType; readonly value: Value }
  | { readonly kind: "column"; readonly name: Name }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "unary"; readonly operator: "-" | "+" | "~"; readonly operand: Expr }
  | { readonly kind: "binary"; readonly operator: BinaryOperator; readonly left: Expr; readonly right: Expr }
  | { readonly kind: "compare"; readonly operator: Comparison; readonly left: Expr; readonly right: Expr }
  | { readonly kind: "and" | "or"; readonly left: Expr; readonly right: Expr }
  | { readonly kind: "not"; readonly operand: Expr }
  | { readonly kind: "isNull"; readonly operand: Expr; readonly negated: boolean }
  | {
      readonly kind: "like";
      readonly operand: Expr;
      readonly pattern: Expr;
      readonly escape?: Expr;
      readonly negated: boolean;
    }
  | {
      readonly kind: "between";
      readonly operand: Expr;
      readonly low: Expr;
      readonly high: Expr;
      readonly negated: boolean;
    }
  | { readonly kind: "inList"; readonly operand: Expr; readonly list: readonly Expr[]; readonly negated: boolean }
  | { readonly kind: "inQuery"; readonly operand: Expr; readonly query: Query; readonly negated: boolean }
  | { readonly kind: "exists"; readonly query: Query }
  | { readonly kind: "subquery"; readonly query: Query }
  | {
      readonly kind: "case";
      readonly operand?: Expr;
      readonly branches: readonly { readonly when: Expr; readonly then: Expr }[];
      readonly otherwise?: Expr;
    }
  | {
      readonly kind: "cast";
      readonly operand: Expr;
      readonly type: TypeRef;
      readonly style?: Expr;
      readonly optional: boolean;
    }
  | {
      readonly kind: "call";
      readonly name: Name;
      readonly arguments: readonly Expr[];
      readonly distinct: boolean;
      readonly star: boolean;
      readonly over?: Window;
      readonly withinGroup?: readonly OrderItem[];
    }
  | { readonly kind: "collate"; readonly operand: Expr; readonly collation: string }
  | { readonly kind: "atTimeZone"; readonly operand: Expr; readonly zone: Expr };

/** An item of ORDER BY. */
export interface OrderItem {
  readonly expr: Expr;
  readonly descending: boolean;
}

/** An item of a select list. */
export type SelectItem =
  | { readonly kind: "star"; readonly qualifier: Name }
  | { readonly kind: "expr"; readonly expr: Expr; readonly alias?: string }
  | { readonly kind: "assign"; readonly variable: string; readonly operator: string; readonly expr: Expr };

/** What a table in FROM may say besides its name. */
interface Aliased {
  readonly alias?: string;
  readonly columns?: readonly string[];
}

/** A table of FROM. */
export type TableRef =
  | (Aliased & { readonly kind: "table"; readonly name: Name; readonly hints: readonly string[] })
  | (Aliased & { readonly kind: "function"; readonly name: Name; readonly arguments: readonly Expr[] })
  | (Aliased & { readonly kind: "derived"; readonly query: Query })
  | {
      readonly kind: "join";
      readonly type: JoinType;
      readonly left: TableRef;
      readonly right: TableRef;
      readonly on?: Expr;
    }
  | { readonly kind: "apply"; readonly outer: boolean; readonly left: TableRef; readonly right: TableRef };

/** Kinds of join. */
export type JoinType = "inner" | "left" | "right" | "full" | "cross";

/** A SELECT without its ORDER BY. */
export interface Select {
  readonly kind: "select";
  readonly distinct: boolean;
  readonly top?: { readonly count: Expr; readonly percent: boolean; readonly ties: boolean };
  readonly items: readonly SelectItem[];
  readonly into?: Name;
  readonly from?: TableRef;
  readonly where?: Expr;
  readonly groupBy: readonly Expr[];
  readonly having?: Expr;
}

/** A query without its ORDER BY. */
export type QueryBody =
  | Select
  | { readonly kind: "values"; readonly rows: readonly (readonly Expr[])[] }
  | {
      readonly kind: "set";
      readonly operator: "union" | "except" | "intersect";
      readonly all: boolean;
      readonly left: QueryBody;
      readonly right: QueryBody;
    };

/** A common table expression. */
export interface CommonTable {
  readonly name: string;
  readonly columns?: readonly string[];
  readonly query: Query;
}

/** A query. */
export interface Query {
  readonly with: readonly CommonTable[];
  readonly body: QueryBody;
  readonly orderBy: readonly OrderItem[];
  readonly offset?: Expr;
  readonly fetch?: Expr;
}

/** An assignment of SET. */
export interface Assignment {
  readonly column: Name;
  /** `@v = column = expression`. */
  readonly variable?: string;
  readonly operator: string;
  readonly expr: Expr;
}

/** DEFAULT in VALUES. */
export type InsertValue = Expr | "default";

/** OUTPUT. */
export interface OutputClause {
  readonly items: readonly SelectItem[];
  readonly into?: { readonly table: Name; readonly columns: readonly string[] };
}

/** What a branch of MERGE does. */
export type MergeAction =
  | { readonly kind: "update"; readonly set: readonly Assignment[] }
  | { readonly kind: "delete" }
  | { readonly kind: "insert"; readonly columns: readonly string[]; readonly values: readonly InsertValue[] };

/** A branch of MERGE. */
export interface MergeBranch {
  readonly when: "matched" | "notMatched" | "notMatchedBySource";
  readonly condition?: Expr;
  readonly action: MergeAction;
}

/** An argument of EXEC. */
export interface ExecArgument {
  readonly name?: string;
  readonly value: Expr | "default";
  readonly output: boolean;
}

type Plain =
  | { readonly kind: "query"; readonly query: Query }
  | {
      readonly kind: "insert";
      readonly with: readonly CommonTable[];
      readonly table: Name;
      readonly columns: readonly string[];
      readonly output?: OutputClause;
      readonly source:
        | { readonly kind: "values"; readonly rows: readonly (readonly InsertValue[])[] }
        | { readonly kind: "query"; readonly query: Query }
        | { readonly kind: "default" }
        | { readonly kind: "exec"; readonly statement: Statement };
    }
  | {
      readonly kind: "update";
      readonly with: readonly CommonTable[];
      readonly top?: Expr;
      readonly target: Name;
      readonly hints: readonly string[];
      readonly set: readonly Assignment[];
      readonly output?: OutputClause;
      readonly from?: TableRef;
      readonly where?: Expr;
    }
  | {
      readonly kind: "delete";
      readonly with: readonly CommonTable[];
      readonly top?: Expr;
      readonly target: Name;
      readonly output?: OutputClause;
      readonly from?: TableRef;
      readonly where?: Expr;
    }
  | {
      readonly kind: "merge";
      readonly with: readonly CommonTable[];
      readonly target: Name;
      readonly alias?: string;
      readonly source: TableRef;
      readonly on: Expr;
      readonly branches: readonly MergeBranch[];
      readonly output?: OutputClause;
    }
  | {
      readonly kind: "declare";
      readonly variables: readonly { readonly name: string; readonly type: TypeRef; readonly value?: Expr }[];
    }
  | {
      readonly kind: "declareTable";
      readonly name: string;
      readonly columns: readonly ColumnSpec[];
      readonly constraints: readonly TableConstraint[];
    }
  | { readonly kind: "set"; readonly variable: string; readonly operator: string; readonly expr: Expr }
  | {
      readonly kind: "setOption";
      readonly names: readonly string[];
      readonly value: string | Expr;
      readonly table?: Name;
    }
  | { readonly kind: "if"; readonly condition: Expr; readonly then: Statement; readonly otherwise?: Statement }
  | { readonly kind: "while"; readonly condition: Expr; readonly body: Statement }
  | { readonly kind: "break" }
  | { readonly kind: "continue" }
  | { readonly kind: "return"; readonly value?: Expr }
  | { readonly kind: "block"; readonly statements: readonly Statement[] }
  | { readonly kind: "try"; readonly body: readonly Statement[]; readonly handler: readonly Statement[] }
  | { readonly kind: "print"; readonly expr: Expr }
  | { readonly kind: "raiserror"; readonly arguments: readonly Expr[]; readonly options: readonly string[] }
  | { readonly kind: "throw"; readonly arguments: readonly Expr[] }
  | {
      readonly kind: "exec";
      readonly procedure: Name;
      readonly arguments: readonly ExecArgument[];
      readonly into?: string;
    }
  | { readonly kind: "execText"; readonly text: Expr }
  | { readonly kind: "use"; readonly database: string }
  | { readonly kind: "waitfor"; readonly delay: boolean; readonly time: Expr }
  | { readonly kind: "begin"; readonly name: string }
  | { readonly kind: "commit"; readonly name: string }
  | { readonly kind: "rollback"; readonly name: string | Expr }
  | { readonly kind: "save"; readonly name: string | Expr }
  | {
      readonly kind: "createTable";
      readonly table: Name;
      readonly columns: readonly ColumnSpec[];
      readonly constraints: readonly TableConstraint[];
    }
  | { readonly kind: "alterTable"; readonly table: Name; readonly action: AlterAction }
  | {
      readonly kind: "drop";
      readonly what: "table" | "database" | "schema" | "user" | "role";
      readonly names: readonly Name[];
      readonly ifExists: boolean;
    }
  | {
      readonly kind: "dropIndex";
      readonly indexes: readonly { readonly name: string; readonly table: Name }[];
      readonly ifExists: boolean;
    }
  | { readonly kind: "truncate"; readonly table: Name }
  | { readonly kind: "createIndex"; readonly index: IndexSpec }
  | { readonly kind: "create"; readonly what: "schema" | "database" | "user" | "role"; readonly name: string }
  | { readonly kind: "alterDatabase"; readonly name: string; readonly option: string; readonly value: string }
  | {
      readonly kind: "bulkInsert";
      readonly table: Name;
      readonly columns: readonly { readonly name: string }[];
      readonly options: readonly string[];
    }
  | { readonly kind: "nothing" };

/** A statement and where it stands. */
export type Statement = Plain & { readonly line: number };

/** A statement of one kind. */
export type StatementOf<K extends Statement["kind"]> = Extract<Statement, { readonly kind: K }>;
