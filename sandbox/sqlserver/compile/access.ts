import type { Expr } from "../parse/ast";
import { isPlain, seen, type PackedRange } from "../storage/packed-rows";
import { visible, type ReadView, type Row } from "../storage/row";
import type { Table } from "../storage/table";
import type { TableIndex } from "../storage/table-index";
import { familyOf, type SqlType } from "../values/sql-type";
import type { Value, Values } from "../values/value";
import type { Compiled, Frame } from "./compiled";
import type { Context } from "./context";
import type { Scope, Source } from "./scope";

/** A limit that a condition puts on a column: `column operator value`. */
export interface Limit {
  readonly ordinal: number;
  readonly operator: "=" | "<" | "<=" | ">" | ">=";
  readonly value: Compiled;
}

/** A row together with the values that the reader sees. */
export interface Found {
  readonly row: Row;
  readonly values: Values;
}

const MIRRORED = { "=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<=" } as const;

/** The limits on one source that the parts of a condition joined by AND contain. */
export function limitsOn(where: Expr | undefined, source: Source, scope: Scope, context: Context): Limit[] {
  if (!where) return [];
  if (where.kind === "and") {
    return [...limitsOn(where.left, source, scope, context), ...limitsOn(where.right, source, scope, context)];
  }
  if (where.kind === "between" && !where.negated) {
    const { operand, low, high } = where;
    return [
      ...limit({ operator: ">=", left: operand, right: low }, source, scope, context),
      ...limit({ operator: "<=", left: operand, right: high }, source, scope, context),
    ];
  }
  return where.kind === "compare" ? limit(where, source, scope, context) : [];
}

function limit(
  { operator, left, right }: { operator: string; left: Expr; right: Expr },
  source: Source,
  scope: Scope,
  context: Context,
): Limit[] {
  if (operator === "<>") return [];
  const direct = operator as Limit["operator"];
  return (
    sided(left, direct, right, source, scope, context) ??
    sided(right, MIRRORED[direct], left, source, scope, context) ??
    []
  );
}

function sided(column: Expr, operator: Limit["operator"], other: Expr, source: Source, scope: Scope, context: Context) {
  if (column.kind !== "column" || mentions(other, scope)) return undefined;
  const field = scope.resolve(column.name);
  if (field.field?.slot !== source.slot) return undefined;
  const value = context.compile.expression(other, scope, context);
  return comparable(field.type, value) ? [{ ordinal: field.field.ordinal, operator, value }] : undefined;
}

/** True when an expression needs rows of this query (or a subquery, which isn't looked into). */
function mentions(expr: Expr, scope: Scope): boolean {
  let found = false;
  JSON.stringify(expr, (_, part: unknown) => {
    if (typeof part === "bigint") return String(part);
    if (typeof part === "object" && part !== null && "kind" in part) {
      const { kind } = part as Expr;
      if (["subquery", "exists", "inQuery"].includes(kind)) found = true;
      if (kind === "column" && isOwn((part as Extract<Expr, { kind: "column" }>).name, scope)) found = true;
    }
    return part;
  });
  return found;
}

function isOwn(name: readonly string[], scope: Scope): boolean {
  try {
    return scope.resolve(name).field !== undefined;
  } catch {
    return true;
  }
}

/** Index order is that of the column's type, so the other side must compare in it without conversion. */
function comparable(type: SqlType, { type: other, isNull }: Compiled): boolean {
  if (isNull) return false;
  const family = familyOf(type);
  if (family !== familyOf(other)) return false;
  switch (family) {
    case "integer":
    case "binary":
    case "guid":
      return true;
    case "text":
      return type.collation === other.collation || other.collation === undefined;
    case "decimal":
    case "time":
      return type.name === other.name && type.scale === other.scale;
    default:
      return false;
  }
}

/** The way to the rows of a table: an index, the first values of its key, and limits on the next column. */
export interface AccessPath {
  readonly index: TableIndex | undefined;
  readonly prefix: readonly Compiled[];
  readonly low: Compiled | undefined;
  readonly high: Limit | undefined;
}

/** The index that the limits narrow down most. */
export function choosePath(table: Table, limits: readonly Limit[]): AccessPath {
  let best: AccessPath = { index: undefined, prefix: [], low: undefined, high: undefined };
  let bestScore = 0;
  for (const index of table.indexes) {
    const path = pathIn(index, limits);
    const score = path.prefix.length * 4 + (path.low ? 2 : 0) + (path.high ? 1 : 0) + (index.shape.clustered ? 0.5 : 0);
    if (score > bestScore && score > 0.5) [best, bestScore] = [path, score];
  }
  return best;
}

function pathIn(index: TableIndex, limits: readonly Limit[]): AccessPath {
  const prefix: Compiled[] = [];
  for (const ordinal of index.keyOrdinals) {
    const equal = limits.find((one) => one.ordinal === ordinal && one.operator === "=");
    if (!equal) break;
    prefix.push(equal.value);
  }
  const next = index.keyOrdinals[prefix.length];
  const descending = index.shape.columns[prefix.length]?.descending ?? false;
  if (next === undefined || descending) return { index, prefix, low: undefined, high: undefined };
  const low = limits.find(({ ordinal, operator }) => ordinal === next && (operator === ">" || operator === ">="));
  const high = limits.find(({ ordinal, operator }) => ordinal === next && (operator === "<" || operator === "<="));
  return { index, prefix, low: low?.value, high };
}

/** Rows on the path, with the values that the reader sees. The condition itself is still to be tested. */
export function* readPath(
  table: Table,
  path: AccessPath,
  view: ReadView,
  frame: Frame,
  backwards = false,
): Generator<Found> {
  for (const row of candidates(table, path, frame, backwards)) {
    const values = visible(row, view);
    if (values) yield { row, values };
  }
}

/** The part of a condition that a path stands for: the whole of it, when the key's first column alone is limited. */
export function isWhole(where: Expr | undefined, limits: readonly Limit[], { index, prefix }: AccessPath): boolean {
  const leading = index?.keyOrdinals[0];
  return (
    prefix.length === 0 && limits.length === limitCount(where) && limits.every(({ ordinal }) => ordinal === leading)
  );
}

/** As many limits as {@link limitsOn} finds in a condition that has nothing else. */
function limitCount(where: Expr | undefined): number {
  if (where?.kind === "and") return limitCount(where.left) + limitCount(where.right);
  return where === undefined ? 0 : where.kind === "between" ? 2 : 1;
}

/** Rows as they are stored, in a piece: the values that the reader sees, or rows that are all packed. */
export type StoredPiece = readonly Values[] | PackedRange;

/** What is to be read as it is stored. */
export interface StoredRead {
  readonly table: Table;
  readonly path: AccessPath;
  /** The condition holds for a range of rows along the path, without gaps. */
  readonly whole: boolean;
  readonly view: ReadView;
  readonly holds: (values: Values) => boolean;
}

/** The rows on the path, forwards, as far as the condition holds for them; at most so many. */
export function readStored(read: StoredRead, frame: Frame, most: number): StoredPiece[] {
  const found: StoredPiece[] = [];
  let left = most;
  for (const rows of pieces(read.table, read.path, frame)) {
    if (left <= 0) break;
    const piece = "packed" in rows ? packedPiece(rows, read, left) : rowPiece(rows, read, left);
    const count = countOf(piece);
    if (count > 0) found.push(piece);
    left -= count;
  }
  return found;
}

/** How many rows a piece has. */
export function countOf(piece: StoredPiece): number {
  return "packed" in piece ? piece.to - piece.from : piece.length;
}

/** A piece without its first rows. */
export function without(piece: StoredPiece, first: number): StoredPiece {
  return "packed" in piece ? { ...piece, from: piece.from + first } : piece.slice(first);
}

function rowPiece(rows: readonly Row[], { view, holds }: StoredRead, most: number): Values[] {
  const found: Values[] = [];
  for (const row of rows) {
    const { version } = row;
    const values = version.writer === undefined && version.commit <= view.asOf ? version.values : visible(row, view);
    if (!values || !holds(values)) continue;
    if (found.length >= most) return found;
    found.push(values);
  }
  return found;
}

function packedPiece(range: PackedRange, read: StoredRead, most: number): StoredPiece {
  const { packed } = range;
  const { view, holds, whole } = read;
  let { from, to } = range;
  if (!whole || !isPlain(packed, view)) {
    const found: Values[] = [];
    for (let at = from; at < to && found.length < most; at++) {
      const values = seen(packed, at, view);
      if (values && holds(values)) found.push(values);
    }
    return found;
  }
  while (from < to && !holds(packed.values(from))) from++;
  while (from < to && !holds(packed.values(to - 1))) to--;
  return { packed, from, to: Math.min(to, from + most) };
}

function pieces(
  table: Table,
  { index, prefix, low, high }: AccessPath,
  frame: Frame,
): Iterable<readonly Row[] | PackedRange> {
  const first = prefix.map((value) => value.run(frame));
  const [from, to] = [low?.run(frame), high?.value.run(frame)];
  if (first.includes(null) || from === null || to === null) return [];
  if (!index || (first.length === 0 && from === undefined && to === undefined))
    return (index?.rows ?? table.rows).between(undefined, undefined);
  const probe = (limit: Value | undefined) => index.probe(limit === undefined ? first : [...first, limit]);
  return index.rows.between(probe(from), probe(to));
}

function* candidates(table: Table, path: AccessPath, frame: Frame, backwards: boolean): Generator<Row> {
  const { index, prefix } = path;
  if (!index || (prefix.length === 0 && !path.low && !path.high)) {
    const rows = index?.rows ?? table.rows;
    yield* backwards ? rows.backwards() : rows.from();
    return;
  }
  const first = prefix.map((value) => value.run(frame));
  const low = path.low?.run(frame);
  const high = path.high?.value.run(frame);
  if (first.includes(null) || low === null || high === null) return;
  const found = range(index, first, low, high);
  yield* backwards ? [...found].reverse() : found;
}

function* range(index: TableIndex, first: Value[], low: Value | undefined, high: Value | undefined): Generator<Row> {
  const inPrefix = index.probe(first);
  const below = high === undefined ? undefined : index.probe([...first, high]);
  for (const row of index.rows.from(index.probe(low === undefined ? first : [...first, low]))) {
    if (first.length > 0 && inPrefix(row) !== 0) return;
    if (below && below(row) > 0) return;
    yield row;
  }
}
