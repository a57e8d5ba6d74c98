import { sqlError } from "../errors";
import { hashOf } from "../values/compare";
import type { Expr, TableRef } from "../parse/ast";
import type { ReadView } from "../storage/row";
import type { Table } from "../storage/table";
import type { Values } from "../values/value";
import { choosePath, isWhole, limitsOn, readPath, type AccessPath } from "./access";
import type { Compiled, Condition, Frame } from "./compiled";
import type { Context, VirtualTable } from "./context";
import { reconcile } from "./operators";
import { namesOf, Scope, type Field, type Source } from "./scope";

/** Rows of FROM: one row per source, in the order of the slots. */
export interface RowSource {
  rows(frame: Frame): Iterable<readonly Values[]>;
  /** The table, when it is one table and nothing else; then rows can come in another order. */
  readonly single?: SingleTable;
}

/** FROM that is one table. */
export interface SingleTable {
  readonly table: Table;
  readonly source: Source;
  readonly view: ReadView;
  path: AccessPath;
  /** Rows on the path, from the first to the last that WHERE wants, are all that it wants. */
  readonly whole: boolean;
  backwards: boolean;
}

/** Makes the tables of FROM ready to be read, and tells the scope of them. */
export function compileFrom(ref: TableRef, scope: Scope, context: Context, where: Expr | undefined): RowSource {
  switch (ref.kind) {
    case "table":
      return compileTable(ref, scope, context, where);
    case "function":
      return compileFunction(ref, scope, context);
    case "derived":
      return compileDerived(ref, scope, context);
    case "apply":
      return compileApply(ref, scope, context);
    case "join":
      return compileJoin(ref, scope, context, where);
  }
}

type Ref<K extends TableRef["kind"]> = Extract<TableRef, { kind: K }>;

/** Columns of a table as names see them. */
export function fieldsOf(table: Table): Field[] {
  return table.columns.map((column) => ({ name: column.name, type: column.type, nullable: column.nullable, column }));
}

function compileTable(ref: Ref<"table">, scope: Scope, context: Context, where: Expr | undefined): RowSource {
  const common =
    ref.name.length === 1
      ? context.common.find(({ table }) => table.name.toLowerCase() === ref.name[0]?.toLowerCase())
      : undefined;
  if (common) {
    const { query, columns } = common.table;
    const derived = {
      kind: "derived",
      query,
      alias: ref.alias ?? common.table.name,
      ...(columns && { columns }),
    } as const;
    return compileDerived(derived, scope, common.context);
  }
  const table = context.findTable(ref.name);
  if (!table) {
    const view = context.findView(ref.name);
    if (!view) throw sqlError(ref.name[0]?.startsWith("@") ? 1087 : 208, ref.name.join("."));
    return virtualSource(view, namesOf(ref.alias, ref.name), scope);
  }
  const source = scope.add(namesOf(ref.alias, ref.name), fieldsOf(table));
  const view = context.view(ref.hints, table);
  const limits = limitsOn(where, source, scope, context);
  const path = choosePath(table, limits);
  const single = { table, source, view, path, whole: isWhole(where, limits, path), backwards: false };
  const tracked = context.tracked?.table === table ? context.tracked.rows : undefined;
  return {
    single,
    *rows(frame) {
      for (const { row, values } of readPath(table, single.path, view, frame, single.backwards)) {
        tracked?.set(values, row);
        yield [values];
      }
    },
  };
}

function virtualSource(view: VirtualTable, names: readonly string[], scope: Scope): RowSource {
  scope.add(names, view.columns);
  return {
    *rows() {
      for (const values of view.rows()) yield [values];
    },
  };
}

function compileFunction(ref: Ref<"function">, scope: Scope, context: Context): RowSource {
  const args = ref.arguments.map((arg) => context.compile.expression(arg, scope, context));
  const found = context.findTableFunction(ref.name);
  if (!found) throw sqlError(208, ref.name.join("."));
  if (args.length < found.min) throw sqlError(313, found.shownName);
  if (args.length > found.max) throw sqlError(8144, ref.name.join("."));
  const fields = found.columns.map((column, i) => ({ ...column, name: ref.columns?.[i] ?? column.name }));
  scope.add(namesOf(ref.alias, ref.name), fields);
  return {
    *rows(frame) {
      for (const values of found.rows(args.map(({ type, run }) => ({ type, value: run(frame) })))) yield [values];
    },
  };
}

function compileDerived(ref: Ref<"derived">, scope: Scope, context: Context): RowSource {
  const query = context.compile.query(ref.query, scope.sources.length > 0 ? scope : scope.parent, context);
  const correlated = scope.sources.length > 0;
  const fields = query.columns.map((column, i) => {
    const name = ref.columns?.[i] ?? column.name;
    if (name === "") throw sqlError(8155, i + 1, ref.alias ?? "");
    return { ...column, name };
  });
  requireDistinct(fields, ref.alias ?? "");
  scope.add(namesOf(ref.alias, []), fields);
  return {
    *rows(frame) {
      const outer = correlated ? { rows: [], parent: frame } : { rows: [], parent: frame.parent };
      for (const row of query.rows(outer)) yield [query.flatten(row)];
    },
  };
}

function requireDistinct(fields: readonly Field[], alias: string): void {
  const seen = new Set<string>();
  for (const { name } of fields) {
    if (seen.has(name.toLowerCase())) throw sqlError(8156, name, alias);
    seen.add(name.toLowerCase());
  }
}

const NULLS: Values = [];

function compileApply(ref: Ref<"apply">, scope: Scope, context: Context): RowSource {
  const left = compileFrom(ref.left, scope, context, undefined);
  const before = scope.sources.length;
  const right = compileFrom(ref.right, scope, context, undefined);
  const added = scope.sources.length - before;
  return {
    *rows(frame) {
      for (const row of left.rows(frame)) {
        let matched = false;
        for (const other of right.rows({ rows: row, parent: frame.parent })) {
          matched = true;
          yield [...row, ...other];
        }
        if (!matched && ref.outer) yield [...row, ...Array.from({ length: added }, () => NULLS)];
      }
    },
  };
}

function compileJoin(ref: Ref<"join">, scope: Scope, context: Context, where: Expr | undefined): RowSource {
  const inner = ref.type === "inner" || ref.type === "cross";
  const left = compileFrom(ref.left, scope, context, inner || ref.type === "left" ? where : undefined);
  const before = scope.sources.length;
  const right = compileRight(ref.right, scope, context, inner ? where : undefined);
  const added = scope.sources.length - before;
  const equal = ref.on ? equalities(ref.on, before, scope, context) : [];
  const on = ref.on ? context.compile.condition(ref.on, scope, context) : undefined;
  return { rows: (frame) => joined(ref.type, { left, right, before, added, equal, on }, frame) };
}

/** The right side of a join doesn't see the left one. */
function compileRight(ref: TableRef, scope: Scope, context: Context, where: Expr | undefined): RowSource {
  if (ref.kind !== "derived" && ref.kind !== "function") return compileFrom(ref, scope, context, where);
  const alone = new Scope(scope.parent);
  const source = compileFrom(ref, alone, context, undefined);
  for (const { names, fields } of alone.sources) scope.add(names, fields);
  return source;
}

interface Equality {
  readonly left: Compiled;
  readonly right: Compiled;
  readonly hash: ReturnType<typeof hashOf>;
}

interface JoinParts {
  readonly left: RowSource;
  readonly right: RowSource;
  readonly before: number;
  readonly added: number;
  readonly equal: readonly Equality[];
  readonly on: Condition | undefined;
}

/** `left = right` parts of ON, for which rows can be looked up instead of tried. */
function equalities(on: Expr, before: number, scope: Scope, context: Context): Equality[] {
  if (on.kind === "and")
    return [...equalities(on.left, before, scope, context), ...equalities(on.right, before, scope, context)];
  if (on.kind !== "compare" || on.operator !== "=" || on.left.kind !== "column" || on.right.kind !== "column")
    return [];
  const [a, b] = [scope.resolve(on.left.name), scope.resolve(on.right.name)];
  if (!a.field || !b.field || a.field.slot < before === b.field.slot < before) return [];
  const [left, right, type] = a.field.slot < before ? reconcile(a, b, "equal to") : reconcile(b, a, "equal to");
  return type.name === "sql_variant" ? [] : [{ left, right, hash: hashOf(type) }];
}

function* joined(type: Ref<"join">["type"], parts: JoinParts, frame: Frame): Generator<readonly Values[]> {
  const { left, right, before, added, on } = parts;
  const padding = Array.from({ length: before }, () => NULLS);
  const rights = [...right.rows(frame)].map((row) => ({ row, matched: false }));
  const lookUp = lookupOf(parts.equal, rights, padding, frame);
  for (const row of left.rows(frame)) {
    let matched = false;
    for (const other of lookUp(row)) {
      const both = [...row, ...other.row];
      if (on && on({ rows: both, parent: frame.parent }) !== true) continue;
      matched = other.matched = true;
      yield both;
    }
    if (!matched && (type === "left" || type === "full")) yield [...row, ...Array.from({ length: added }, () => NULLS)];
  }
  if (type !== "right" && type !== "full") return;
  for (const other of rights) if (!other.matched) yield [...padding, ...other.row];
}

interface RightRow {
  readonly row: readonly Values[];
  matched: boolean;
}

function lookupOf(equal: readonly Equality[], rights: RightRow[], padding: readonly Values[], frame: Frame) {
  if (equal.length === 0) return () => rights;
  const table = new Map<string, RightRow[]>();
  for (const other of rights) {
    const inner = { rows: [...padding, ...other.row], parent: frame.parent };
    const key = keyOf(equal.map(({ right, hash }) => hash(right.run(inner))));
    const bucket = table.get(key);
    if (bucket) bucket.push(other);
    else table.set(key, [other]);
  }
  return (row: readonly Values[]) => {
    const inner = { rows: row, parent: frame.parent };
    return table.get(keyOf(equal.map(({ left, hash }) => hash(left.run(inner))))) ?? [];
  };
}

const keyOf = (parts: readonly string[]) => (parts.length === 1 ? (parts[0] ?? "") : JSON.stringify(parts));
