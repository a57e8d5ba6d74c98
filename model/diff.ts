import type { ColumnSet, ColumnShape } from "./column-set";
import { mayDiffer } from "./default-volatility";
import { BRIEF_LOCK, describeCheck, hazardWith, NO_HAZARD, REWRITE, type Hazard, type StoredCheck } from "./hazard";
import { renameCandidates } from "./rename-candidates";
import { pendingRenames, renameColumns, renamed, type ColumnRename, type TableHints } from "./table-hints";
import { classifyTypeChange, type TypeChange } from "./type-change";

export type ChangeKind =
  | "TABLE_ADDED"
  | "TABLE_REMOVED"
  | "COLUMN_ADDED"
  | "COLUMN_REMOVED"
  | "COLUMN_RENAMED"
  | "COLUMN_TYPE_CHANGED"
  | "NULLABILITY_CHANGED"
  | "DEFAULT_CHANGED"
  | "PRIMARY_KEY_CHANGED"
  | "RENAME_CANDIDATE";

export type Severity = "info" | "warning" | "breaking";

/** What a diff compares of a table. */
export interface ComparedTable {
  readonly columns: ColumnSet;
  readonly key: readonly string[];
}

/** One difference, from what is there to what is wanted. */
export interface ModelChange {
  readonly kind: ChangeKind;
  readonly severity: Severity;
  /** What it is about, such as `cust01.Actor.Name`. */
  readonly object: string;
  readonly summary: string;
  readonly hazard: Hazard;
  /** The column concerned; of a rename or a rename candidate, the new name. */
  readonly column?: string;
  readonly from?: ColumnShape;
  readonly to?: ColumnShape;
  /** How the type gets there; only with COLUMN_TYPE_CHANGED. */
  readonly typeChange?: TypeChange;
  /** What must hold for the stored rows before it can be done. */
  readonly check?: StoredCheck;
  /** The former name of a renamed column, or the removed column that a rename candidate may have been. */
  readonly renamedFrom?: string;
  /** USING expression that the user declared for a change of type. */
  readonly using?: string;
  /** Statement of the user's that fills missing values before the column becomes NOT NULL. */
  readonly preSql?: string;
  readonly fromKey?: readonly string[];
  readonly toKey?: readonly string[];
}

/**
 * A table's columns and key; `olds` or `news` is undefined when the table isn't there, or no longer wanted.
 * Declared renames come first, and everything after them is about the new names.
 */
export function compareTable(
  olds: ComparedTable | undefined,
  news: ComparedTable | undefined,
  object: string,
  hints: TableHints = {},
): ModelChange[] {
  if (olds === undefined) return news === undefined ? [] : [tableAdded(news, object)];
  if (news === undefined) return [tableRemoved(object)];
  const renames = pendingRenames(Object.keys(olds.columns), news.columns, hints.renames);
  const columns = renameColumns(olds.columns, renames);
  const key = olds.key.map((name) => renamed(name, renames));
  return [
    ...renames.map((rename) => columnRenamed(object, rename, news.key.includes(rename.to))),
    ...compareColumns(columns, news.columns, object, hints),
    ...compareKeys(key, news.key, object),
  ];
}

/** Tables by `schema.table`: the differences of all of them, in the order of the names. */
export function compareTables(
  olds: Readonly<Record<string, ComparedTable>>,
  news: Readonly<Record<string, ComparedTable>>,
): ModelChange[] {
  const names = [...new Set([...Object.keys(olds), ...Object.keys(news)])].sort();
  return names.flatMap((name) => compareTable(own(olds, name), own(news, name), name));
}

/**
 * Column differences: added first, then changed, then removed (which are kept in the database), then rename
 * candidates. A removed NOT NULL column has `from.nullable` false: it must lose its NOT NULL, or no new row fits.
 */
export function compareColumns(
  olds: ColumnSet,
  news: ColumnSet,
  object = "",
  hints: Omit<TableHints, "renames"> = {},
): ModelChange[] {
  const added = Object.keys(news).filter((name) => !Object.hasOwn(olds, name));
  const removed = Object.keys(olds).filter((name) => !Object.hasOwn(news, name));
  const kept = Object.keys(news).filter((name) => Object.hasOwn(olds, name));
  const candidates = renameCandidates(removed, added, olds, news, hints.notRenamed);
  return [
    ...added.map((name) => hinted(columnAdded(join(object, name), name, at(news, name)), hints)),
    ...kept.flatMap((name) =>
      columnChanged(join(object, name), name, at(olds, name), at(news, name)).map((change) => hinted(change, hints)),
    ),
    ...removed.map((name) => columnRemoved(join(object, name), name, at(olds, name))),
    ...candidates.map(([from, to]) => renameCandidate(object, from, to)),
  ];
}

/** The change of a primary key, if any; the order of its columns counts. */
export function compareKeys(olds: readonly string[], news: readonly string[], object: string): ModelChange[] {
  if (olds.length === news.length && olds.every((name, index) => name === news[index])) return [];
  const summary = `primary key (${olds.join(", ")}) becomes (${news.join(", ")})`;
  const check = { kind: "unique", columns: news } as const;
  const hazard = hazardWith(`refused unless ${describeCheck(check)}`, { ...BRIEF_LOCK, work: "builds an index" });
  return [
    { kind: "PRIMARY_KEY_CHANGED", severity: "breaking", object, summary, hazard, check, fromKey: olds, toKey: news },
  ];
}

function tableAdded(table: ComparedTable, object: string): ModelChange {
  const columns = Object.keys(table.columns).length;
  const summary = `table with ${String(columns)} columns, key (${table.key.join(", ")})`;
  return { kind: "TABLE_ADDED", severity: "info", object, summary, hazard: NO_HAZARD };
}

function tableRemoved(object: string): ModelChange {
  const summary = "table is no longer wanted; it is kept, drop it yourself when its rows are not needed";
  return { kind: "TABLE_REMOVED", severity: "warning", object, summary, hazard: NO_HAZARD };
}

function columnAdded(object: string, column: string, to: ColumnShape): ModelChange {
  const summary = `column ${column} ${describe(to)} is added`;
  const change = { kind: "COLUMN_ADDED", object, summary, column, to } as const;
  const differs = to.default !== undefined && mayDiffer(to.default);
  if (differs)
    return { ...change, severity: "warning", hazard: hazardWith("every row gets a default of its own", REWRITE) };
  if (to.nullable || to.default !== undefined) return { ...change, severity: "info", hazard: BRIEF_LOCK };
  const hazard = hazardWith("NOT NULL without a default: refused when the table holds rows");
  return { ...change, severity: "warning", hazard, check: { kind: "no-rows" } };
}

function columnRemoved(object: string, column: string, from: ColumnShape): ModelChange {
  const summary = `column ${column} ${from.type} is no longer wanted; it is kept with its values`;
  const text = "NOT NULL is dropped, so that new rows fit";
  const hazard = from.nullable || from.default !== undefined ? NO_HAZARD : hazardWith(text);
  return { kind: "COLUMN_REMOVED", severity: "warning", object, summary, hazard, column, from };
}

function columnChanged(object: string, column: string, from: ColumnShape, to: ColumnShape): ModelChange[] {
  const common = { object, column, from, to };
  return [...typeChanged(common), ...nullabilityChanged(common), ...defaultChanged(common)];
}

interface ColumnPair {
  readonly object: string;
  readonly column: string;
  readonly from: ColumnShape;
  readonly to: ColumnShape;
}

function typeChanged(pair: ColumnPair): ModelChange[] {
  const typeChange = classifyTypeChange(pair.from.type, pair.to.type);
  if (typeChange.kind === "same") return [];
  const summary = `type ${pair.from.type} becomes ${pair.to.type} (${typeChange.kind})`;
  const severity = typeChange.kind === "in-place" ? "warning" : "breaking";
  const change = {
    ...pair,
    kind: "COLUMN_TYPE_CHANGED",
    severity,
    summary,
    hazard: typeChange.hazard,
    typeChange,
  } as const;
  return [typeChange.check === undefined ? change : { ...change, check: typeChange.check }];
}

function nullabilityChanged(pair: ColumnPair): ModelChange[] {
  if (pair.from.nullable === pair.to.nullable) return [];
  const kind = "NULLABILITY_CHANGED" as const;
  if (pair.to.nullable)
    return [{ ...pair, kind, severity: "info", summary: "NOT NULL is dropped", hazard: BRIEF_LOCK }];
  const hazard = hazardWith("refused unless no stored value is NULL", { ...BRIEF_LOCK, work: "reads rows" });
  const summary = "NOT NULL is added";
  return [{ ...pair, kind, severity: "warning", summary, hazard, check: { kind: "no-nulls" } }];
}

function defaultChanged(pair: ColumnPair): ModelChange[] {
  const [olds, news] = [pair.from.default, pair.to.default];
  if (olds === news) return [];
  const summary = news === undefined ? `default ${olds ?? ""} is dropped` : `default becomes ${news}`;
  return [{ ...pair, kind: "DEFAULT_CHANGED", severity: "info", summary, hazard: BRIEF_LOCK }];
}

/** The change as the user's own SQL makes it. */
function hinted(change: ModelChange, { using, preSql }: TableHints): ModelChange {
  const { kind, column = "", check, to } = change;
  const expression = using === undefined ? undefined : own(using, column);
  if (kind === "COLUMN_TYPE_CHANGED" && expression !== undefined) return withUsing(change, expression);
  const statement = preSql === undefined ? undefined : own(preSql, column);
  const fills = to?.nullable === false && (check?.kind === "no-nulls" || check?.kind === "no-rows");
  if (!fills || statement === undefined) return change;
  const text = "your statement fills missing values first; then refused unless no stored value is NULL";
  const hazard = hazardWith(text, { ...BRIEF_LOCK, work: "reads rows" });
  return { ...change, preSql: statement, check: { kind: "no-nulls" }, hazard };
}

function withUsing(change: ModelChange, using: string): ModelChange {
  const { typeChange, from, to } = change;
  const keeps = typeChange?.kind === "in-place" || typeChange?.kind === "rewrite";
  const text = "by your USING expression; nothing checks that it keeps the values";
  const hazard: Hazard = { ...REWRITE, dataLoss: !keeps, text };
  const { check: _check, ...rest } = change;
  const summary = `type ${from?.type ?? ""} becomes ${to?.type ?? ""} USING ${using}`;
  return { ...rest, summary, severity: "breaking", hazard, using, typeChange: { kind: "rewrite", hazard } };
}

function columnRenamed(object: string, { from, to }: ColumnRename, key: boolean): ModelChange {
  const summary = `column ${from} is renamed to ${to} with its values, as declared`;
  const text = "whoever reads it by the old name fails from then on";
  const rows = hazardWith(text, { ...BRIEF_LOCK, work: "reads rows", workLock: "SHARE ROW EXCLUSIVE" });
  const names = { object: join(object, to), column: to, renamedFrom: from };
  return { kind: "COLUMN_RENAMED", severity: "warning", summary, hazard: key ? hazardWith(text) : rows, ...names };
}

function renameCandidate(object: string, from: string, to: string): ModelChange {
  const summary = `${to} may be ${from} under a new name`;
  const names = { object: join(object, to), column: to, renamedFrom: from };
  return { kind: "RENAME_CANDIDATE", severity: "warning", summary, hazard: NO_HAZARD, ...names };
}

function describe(column: ColumnShape): string {
  const nullable = column.nullable ? "" : " not null";
  return `${column.type}${nullable}${column.default === undefined ? "" : ` default ${column.default}`}`;
}

function join(object: string, name: string): string {
  return object === "" ? name : `${object}.${name}`;
}

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function at(columns: ColumnSet, name: string): ColumnShape {
  const column = own(columns, name);
  if (column === undefined) throw new RangeError(`no column ${name}`);
  return column;
}
