import { sqlError, unsupported } from "../errors";
import { hashOf, sortComparerOf } from "../values/compare";
import { as, type Value, type Values } from "../values/value";
import { T } from "../values/sql-type";
import type { Query, QueryBody } from "../parse/ast";
import type { ResultColumn } from "../session";
import type { Compiled, Frame } from "./compiled";
import type { CompiledQuery, Context, ResultRow } from "./context";
import { unionType } from "./expression-type";
import { coerce } from "./operators";
import { plainPlan } from "./row-plan";
import { Scope } from "./scope";
import { compileSelect } from "./select";

const DETACHED = new Scope();

/** Makes a query ready to run. */
export function compileQuery(query: Query, outer: Scope | undefined, context: Context): CompiledQuery {
  const within = withCommon(query, context);
  if (query.body.kind === "select") return compileSelect(query.body, query, outer, within);
  const body = compileBody(query.body, outer, within);
  return query.orderBy.length === 0 ? body : orderedSet(body, query, within);
}

/** The common tables of a query see those before them. */
export function withCommon(query: Pick<Query, "with">, context: Context): Context {
  let current = context;
  for (const table of query.with) {
    if (JSON.stringify(table.query, plain).includes(`"name":["${table.name}"]`))
      throw unsupported("recursive common table expressions");
    current = { ...current, common: [{ table, context: current }, ...current.common] };
  }
  return current;
}

const plain = (_: string, part: unknown) => (typeof part === "bigint" ? String(part) : part);

function compileBody(body: QueryBody, outer: Scope | undefined, context: Context): CompiledQuery {
  switch (body.kind) {
    case "select":
      return compileSelect(body, { with: [], body, orderBy: [] }, outer, context);
    case "values":
      return compileValues(body.rows, outer, context);
    case "set":
      return compileSet(body, outer, context);
  }
}

/** Rows that are plain lists of values. */
function listed(columns: readonly ResultColumn[], rows: (frame: Frame) => Iterable<Values>): CompiledQuery {
  return {
    columns,
    plan: plainPlan(columns),
    order: [],
    flatten: ({ computed }) => computed,
    *rows(frame): Generator<ResultRow> {
      for (const computed of rows(frame)) yield { sources: [], computed };
    },
  };
}

function compileValues(
  rows: Extract<QueryBody, { kind: "values" }>["rows"],
  outer: Scope | undefined,
  context: Context,
): CompiledQuery {
  const scope = new Scope(outer);
  const compiled = rows.map((row) => row.map((expr) => context.compile.expression(expr, scope, context)));
  const width = compiled[0]?.length ?? 0;
  if (compiled.some(({ length }) => length !== width)) throw sqlError(10709);
  const types = Array.from({ length: width }, (_, i) => unionType(compiled.flatMap((row) => row[i] ?? [])));
  const typed = compiled.map((row) => row.map((value, i) => coerce(value, types[i] ?? T.int)));
  const columns = types.map((type, i) => ({
    name: "",
    type,
    nullable: compiled.some((row) => row[i]?.nullable ?? true),
  }));
  return listed(columns, function* (frame) {
    for (const row of typed) yield row.map((value) => value.run(frame));
  });
}

function compileSet(
  body: Extract<QueryBody, { kind: "set" }>,
  outer: Scope | undefined,
  context: Context,
): CompiledQuery {
  const [left, right] = [compileBody(body.left, outer, context), compileBody(body.right, outer, context)];
  if (left.columns.length !== right.columns.length) throw sqlError(205);
  const columns = left.columns.map((column, i) => unionColumn(column, right.columns[i] ?? column));
  const [read, readOther] = [reader(left, columns), reader(right, columns)];
  const hashes = columns.map(({ type }) => hashOf(type));
  const keyOf = (values: Values) => JSON.stringify(values.map((value, i) => hashes[i]?.(value)));
  return listed(columns, function* (frame) {
    const first = read(frame);
    const second = readOther(frame);
    if (body.operator === "union" && body.all) {
      yield* first;
      yield* second;
      return;
    }
    if (body.all) throw unsupported(`${body.operator.toUpperCase()} ALL`);
    const others = body.operator === "union" ? undefined : new Set([...second].map(keyOf));
    const seen = new Set<string>();
    for (const values of others ? first : [...first, ...second]) {
      const key = keyOf(values);
      if (seen.has(key) || (others && others.has(key) !== (body.operator === "intersect"))) continue;
      seen.add(key);
      yield values;
    }
  });
}

function unionColumn(a: ResultColumn, b: ResultColumn): ResultColumn {
  const operand = ({ type, nullable }: ResultColumn): Compiled => ({ type, nullable, run: () => null });
  return { name: a.name, type: unionType([operand(a), operand(b)]), nullable: a.nullable || b.nullable };
}

/** The rows of a query in the types of the whole. */
function reader(query: CompiledQuery, columns: readonly ResultColumn[]): (frame: Frame) => Generator<Values> {
  let current: Values = [];
  const converted = query.columns.map(({ type, nullable }, i) =>
    coerce({ type, nullable, run: () => current[i] ?? null }, columns[i]?.type ?? type),
  );
  return function* (frame) {
    for (const row of query.rows({ rows: [], parent: frame.parent })) {
      current = query.flatten(row);
      yield converted.map((one) => one.run(frame));
    }
  };
}

/** ORDER BY after UNION and the like sorts by columns of the result. */
function orderedSet(body: CompiledQuery, query: Query, context: Context): CompiledQuery {
  const keys = query.orderBy.map(({ expr, descending }) => {
    const at =
      expr.kind === "literal"
        ? Number(expr.value) - 1
        : expr.kind === "column"
          ? body.columns.findIndex(({ name }) => name.toLowerCase() === expr.name.at(-1)?.toLowerCase())
          : -1;
    const column = body.columns[at];
    if (!column) throw sqlError(104);
    return { at, descending, compare: sortComparerOf(column.type) };
  });
  const count = (expr: Query["offset"], frame: Frame) =>
    expr
      ? Number(as.bigint(coerce(context.compile.expression(expr, DETACHED, context), T.bigint).run(frame)))
      : undefined;
  const order = (a: Values, b: Values) => {
    for (const { at, descending, compare } of keys) {
      const difference = compare(a[at] ?? (null as Value), b[at] ?? (null as Value));
      if (difference !== 0) return descending ? -difference : difference;
    }
    return 0;
  };
  return {
    ...listed(body.columns, function* (frame) {
      const rows = [...body.rows(frame)].map((row) => body.flatten(row)).sort(order);
      const skip = count(query.offset, frame) ?? 0;
      yield* rows.slice(skip, skip + (count(query.fetch, frame) ?? rows.length));
    }),
    order: keys.map(({ at }) => at + 1),
  };
}
