import { sqlError } from "../errors";
import { hashOf, sortComparerOf } from "../values/compare";
import { as, type Value, type Values } from "../values/value";
import type { Expr, OrderItem, Query, Select } from "../parse/ast";
import type { ResultColumn, RowPlan } from "../session";
import { isAggregate } from "./aggregates";
import { countOf, readStored, without, type StoredPiece } from "./access";
import type { Compiled, Condition, Frame } from "./compiled";
import type { CompiledQuery, Context, ResultRow } from "./context";
import { compileFrom, type RowSource, type SingleTable } from "./from";
import { GroupScope } from "./group-scope";
import { groupRows } from "./grouping";
import { coerce } from "./operators";
import { planOf, resultColumn, type Item } from "./row-plan";
import { Scope } from "./scope";
import { computeWindows } from "./windows";
import { T } from "../values/sql-type";

/** Makes a SELECT ready to run, its ORDER BY and paging included. */
export function compileSelect(select: Select, query: Query, outer: Scope | undefined, context: Context): CompiledQuery {
  const inner = new Scope(outer);
  const source = select.from ? compileFrom(select.from, inner, context, select.where) : undefined;
  const where = select.where && context.compile.condition(select.where, inner, context);
  const hasGroups = select.groupBy.length > 0 || select.having !== undefined || usesAggregates(select, query);
  const keys = select.groupBy.map((expr) => ({ expr, value: context.compile.expression(expr, inner, context) }));
  const scope = new GroupScope(inner, keys, hasGroups);
  const items = itemsOf(select, scope, context);
  const having = select.having && context.compile.condition(select.having, scope, context);
  const sort = query.orderBy.map((item) => orderItem(item, items, scope, context, select.distinct));
  const columns = items.map(resultColumn);
  const { plan, computed } = planOf(items, columns, select.distinct || hasGroups);
  const ordered = !hasGroups && source ? followIndex(source, sort) : false;

  const frames = function* (frame: Frame): Generator<Frame> {
    for (const rows of source ? source.rows({ rows: [], parent: frame.parent }) : [[]]) {
      const current = { rows, parent: frame.parent };
      if (!where || where(current) === true) yield current;
    }
  };
  const rows = function* (frame: Frame): Generator<ResultRow> {
    let found: Iterable<Frame> = frames(frame);
    if (hasGroups)
      found = groupRows(
        found,
        keys.map(({ value }) => value),
        scope.aggregates,
        frame.parent,
        select.groupBy.length > 0,
      );
    if (having) found = filtered(found, having);
    if (scope.windows.length > 0) found = computeWindows([...found], scope.windows);
    let out: Iterable<Pair> = pairs(found, computed);
    if (select.distinct) out = distinct(out, plan, columns);
    if (sort.length > 0 && !ordered) out = sorted([...out], sort);
    const top = limitOf(select, query, frame, context, scope);
    if (top.percent || top.ties) out = specialTop([...out], top, sort);
    else if (top.skip > 0 || top.take !== Infinity) out = paged(out, top.skip, top.take);
    for (const { row } of out) yield row;
  };
  const plain = !hasGroups && !select.distinct && !having && scope.windows.length === 0 && computed.length === 0;
  const single = plain && (ordered || sort.length === 0) && !context.tracked ? source?.single : undefined;
  const stored = single && !single.backwards ? storedRows(single, where) : undefined;
  const special = select.top?.percent === true || select.top?.ties === true;
  return {
    columns,
    plan,
    ...(stored &&
      !special && {
        stored: (frame: Frame) => {
          const { skip, take } = limitOf(select, query, frame, context, scope);
          return skipped(stored(frame, skip + take), skip);
        },
      }),
    order: sort.map(({ position }) => position).filter((n) => n > 0),
    rows,
    flatten: flattenerOf(plan),
  };
}

/** Rows of a table and nothing else, without a frame for each of them. */
function storedRows({ table, path, whole, view }: SingleTable, where: Condition | undefined) {
  return (frame: Frame, most: number): StoredPiece[] => {
    const rows: Values[] = [[]];
    const current = { rows, parent: frame.parent };
    const holds = (values: Values) => {
      rows[0] = values;
      return !where || where(current) === true;
    };
    return readStored({ table, path, whole, view, holds }, { rows: [], parent: frame.parent }, most);
  };
}

function skipped(pieces: readonly StoredPiece[], skip: number): StoredPiece[] {
  let left = skip;
  return pieces.flatMap((piece) => {
    const gone = Math.min(left, countOf(piece));
    left -= gone;
    return gone === countOf(piece) ? [] : [gone === 0 ? piece : without(piece, gone)];
  });
}

interface Pair {
  readonly frame: Frame;
  readonly row: ResultRow;
}

interface SortKey {
  readonly value: Compiled;
  readonly descending: boolean;
  /** Ordinal of the column in the result, from 1; 0 when it is none. */
  readonly position: number;
}

function usesAggregates(select: Select, query: Query): boolean {
  const found = (expr: Expr): boolean => {
    if (expr.kind === "call") return (!expr.over && isAggregate(expr)) || expr.arguments.some(found);
    return Object.values(expr).some((part: unknown) => parts(part).some(found));
  };
  const exprs = select.items.flatMap((item) => (item.kind === "star" ? [] : [item.expr]));
  return [...exprs, ...query.orderBy.map(({ expr }) => expr)].some(found);
}

/** Expressions directly inside, not those of subqueries. */
function parts(part: unknown): Expr[] {
  if (Array.isArray(part)) return part.flatMap(parts);
  if (typeof part !== "object" || part === null || Buffer.isBuffer(part)) return [];
  if ("when" in part && "then" in part) return [part.when as Expr, part.then as Expr];
  return "kind" in part ? [part as Expr] : [];
}

function itemsOf(select: Select, scope: GroupScope, context: Context): Item[] {
  return select.items.flatMap((item): Item[] => {
    if (item.kind === "assign") return [{ name: "", value: context.compile.expression(item.expr, scope, context) }];
    if (item.kind === "star") {
      if (scope.sources.length === 0) throw sqlError(263);
      return scope
        .qualified(item.qualifier)
        .flatMap((source) =>
          source.fields.map(({ name }, ordinal) => ({ name, value: starField(scope, source, name, ordinal, context) })),
        );
    }
    const value = context.compile.expression(item.expr, scope, context);
    const name = item.alias ?? (item.expr.kind === "column" ? fieldName(item.expr.name) : "");
    return [{ name, value }];
  });
}

function starField(
  scope: GroupScope,
  source: (typeof scope.sources)[number],
  name: string,
  ordinal: number,
  context: Context,
): Compiled {
  const grouped = scope.grouped({ kind: "column", name: [...source.names.slice(0, 1), name] }, context);
  if (grouped) return grouped;
  const field = source.fields[ordinal];
  if (!field) throw new Error("no such field");
  const { slot } = source;
  return {
    type: field.type,
    nullable: field.nullable,
    run: (frame) => frame.rows[slot]?.[ordinal] ?? null,
    field: { slot, ordinal, column: field.column },
  };
}

/** A column is called as the query spells it. */
function fieldName(name: readonly string[]): string {
  return name.at(-1) ?? "";
}

function orderItem(
  item: OrderItem,
  items: readonly Item[],
  scope: Scope,
  context: Context,
  onlyListed: boolean,
): SortKey {
  const { expr, descending } = item;
  if (expr.kind === "literal" && typeof expr.value === "number") {
    const chosen = items[expr.value - 1];
    if (!chosen) throw sqlError(108, expr.value);
    return { value: chosen.value, descending, position: expr.value };
  }
  if (expr.kind === "column" && expr.name.length === 1) {
    const at = items.findIndex(({ name }) => name.toLowerCase() === expr.name[0]?.toLowerCase());
    const chosen = items[at];
    if (chosen) return { value: chosen.value, descending, position: at + 1 };
  }
  const value = context.compile.expression(expr, scope, context);
  const at = items.findIndex(
    (one) =>
      one.value.field &&
      value.field &&
      one.value.field.slot === value.field.slot &&
      one.value.field.ordinal === value.field.ordinal,
  );
  if (at < 0 && onlyListed) throw sqlError(145);
  return { value, descending, position: at + 1 };
}

/** True when the rows of the only table already come in this order, along one of its indexes. */
function followIndex(source: RowSource, sort: readonly SortKey[]): boolean {
  const { single } = source;
  const [first] = sort;
  if (!single || !first) return false;
  const backwards = first.descending;
  const { path } = single;
  const usable = path.index ? [path.index] : single.table.indexes;
  const index = usable.find((candidate) => {
    const fixed = path.index === candidate ? path.prefix.length : 0;
    // Keys of equal values may be left out of ORDER BY.
    const offset = candidate.keyOrdinals[0] === sort[0]?.value.field?.ordinal ? 0 : fixed;
    return sort.every(({ value, descending }, i) => {
      const column = candidate.shape.columns[i + offset];
      return (
        value.field?.slot === single.source.slot &&
        value.field.ordinal === candidate.keyOrdinals[i + offset] &&
        column !== undefined &&
        !column.descending &&
        descending === backwards
      );
    });
  });
  if (!index) return false;
  single.path = path.index ? path : { index, prefix: [], low: undefined, high: undefined };
  single.backwards = backwards;
  return true;
}

function* filtered(frames: Iterable<Frame>, condition: (frame: Frame) => boolean | null): Generator<Frame> {
  for (const frame of frames) if (condition(frame) === true) yield frame;
}

function* pairs(frames: Iterable<Frame>, computed: readonly Compiled[]): Generator<Pair> {
  for (const frame of frames) {
    yield {
      frame,
      row: { sources: frame.rows, computed: computed.length === 0 ? NOTHING : computed.map((one) => one.run(frame)) },
    };
  }
}

const NOTHING: Values = [];

function* distinct(rows: Iterable<Pair>, plan: RowPlan, columns: readonly ResultColumn[]): Generator<Pair> {
  const flatten = flattenerOf(plan);
  const hashes = columns.map(({ type }) => hashOf(type));
  const seen = new Set<string>();
  for (const pair of rows) {
    const key = JSON.stringify(flatten(pair.row).map((value, i) => hashes[i]?.(value)));
    if (seen.has(key)) continue;
    seen.add(key);
    yield pair;
  }
}

function sorted(rows: Pair[], sort: readonly SortKey[]): Pair[] {
  const comparers = sort.map(({ value }) => sortComparerOf(value.type));
  const keyed = rows.map((pair) => ({ pair, keys: sort.map(({ value }) => value.run(pair.frame)) }));
  keyed.sort((a, b) => compareKeys(a.keys, b.keys, comparers, sort));
  return keyed.map(({ pair }) => pair);
}

function compareKeys(
  a: readonly Value[],
  b: readonly Value[],
  comparers: readonly ((x: Value, y: Value) => number)[],
  sort: readonly SortKey[],
): number {
  for (const [i, compare] of comparers.entries()) {
    const difference = compare(a[i] ?? null, b[i] ?? null);
    if (difference !== 0) return sort[i]?.descending ? -difference : difference;
  }
  return 0;
}

interface Top {
  readonly skip: number;
  readonly take: number;
  readonly percent: boolean;
  readonly ties: boolean;
}

function limitOf(select: Select, query: Query, frame: Frame, context: Context, scope: Scope): Top {
  const number = (expr: Expr) => {
    const value = coerce(
      context.compile.expression(expr, scope, context),
      select.top?.percent ? T.float : T.bigint,
    ).run(frame);
    if (value === null) throw sqlError(1060);
    return Number(as.bigint(value));
  };
  if (select.top)
    return { skip: 0, take: number(select.top.count), percent: select.top.percent, ties: select.top.ties };
  const skip = query.offset ? number(query.offset) : 0;
  return { skip, take: query.fetch ? number(query.fetch) : Infinity, percent: false, ties: false };
}

function* paged(rows: Iterable<Pair>, skip: number, take: number): Generator<Pair> {
  if (take <= 0) return;
  let at = 0;
  for (const row of rows) {
    if (at++ < skip) continue;
    yield row;
    if (at >= skip + take) return;
  }
}

function specialTop(rows: readonly Pair[], { take, percent, ties }: Top, sort: readonly SortKey[]): Pair[] {
  let count = percent ? Math.ceil((rows.length * take) / 100) : take;
  const last = rows[count - 1];
  if (ties && last) {
    const comparers = sort.map(({ value }) => sortComparerOf(value.type));
    const keys = (pair: Pair) => sort.map(({ value }) => value.run(pair.frame));
    const wanted = keys(last);
    for (let next = rows[count]; next && compareKeys(keys(next), wanted, comparers, sort) === 0; next = rows[count])
      count++;
  }
  return rows.slice(0, count);
}

/** Turns a row of a plan into one list of values. */
export function flattenerOf(plan: RowPlan): (row: ResultRow) => Values {
  const [only] = plan.segments;
  if (plan.segments.length === 1 && only?.source === -1) return ({ computed }) => computed;
  const cells = plan.segments.flatMap(({ source, ordinals }) => ordinals.map((ordinal) => ({ source, ordinal })));
  return ({ sources, computed }) =>
    cells.map(({ source, ordinal }) =>
      source < 0 ? (computed[ordinal] ?? null) : (sources[source]?.[ordinal] ?? null),
    );
}
