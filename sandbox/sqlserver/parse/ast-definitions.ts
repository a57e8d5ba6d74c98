import type { Expr, Name, TypeRef } from "./ast";

/** A column of CREATE or ALTER TABLE. */
export interface ColumnSpec {
  readonly name: string;
  readonly type?: TypeRef;
  readonly computed?: { readonly expr: Expr; readonly text: string; readonly persisted: boolean };
  readonly nullable?: boolean;
  readonly identity?: { readonly seed: bigint; readonly increment: bigint };
  readonly default?: { readonly name?: string; readonly expr: Expr; readonly text: string };
  readonly collation?: string;
  readonly constraints: readonly TableConstraint[];
}

/** A constraint of a column or table. */
export type TableConstraint =
  | {
      readonly kind: "key";
      readonly name?: string;
      readonly primary: boolean;
      readonly clustered?: boolean;
      readonly columns: readonly { readonly name: string; readonly descending: boolean }[];
    }
  | { readonly kind: "check"; readonly name?: string; readonly expr: Expr; readonly text: string }
  | {
      readonly kind: "foreign";
      readonly name?: string;
      readonly columns: readonly string[];
      readonly target: Name;
      readonly targetColumns: readonly string[];
    }
  | {
      readonly kind: "default";
      readonly name?: string;
      readonly column: string;
      readonly expr: Expr;
      readonly text: string;
    };

/** CREATE INDEX. */
export interface IndexSpec {
  readonly name: string;
  readonly table: Name;
  readonly unique: boolean;
  readonly clustered: boolean;
  readonly columns: readonly { readonly name: string; readonly descending: boolean }[];
  readonly included: readonly string[];
  readonly where?: string;
}

/** What ALTER TABLE does. */
export type AlterAction =
  | { readonly kind: "add"; readonly columns: readonly ColumnSpec[]; readonly constraints: readonly TableConstraint[] }
  | { readonly kind: "alterColumn"; readonly column: ColumnSpec }
  | {
      readonly kind: "drop";
      readonly columns: readonly string[];
      readonly constraints: readonly string[];
      readonly ifExists: boolean;
    }
  | { readonly kind: "check"; readonly names: readonly string[]; readonly enabled: boolean };
