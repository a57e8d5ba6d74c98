import { sortedLists, type CatalogColumn, type CatalogTable } from "./catalog-table";
import { formatSourceType, parseSourceType, type SourceType } from "./source-type";

/** What a column says besides its name. */
export type ColumnKey = Exclude<keyof CatalogColumn, "name" | "description">;

/** A column that says something else; undefined for what one side doesn't say. */
export interface ChangedColumn {
  readonly column: string;
  readonly key: ColumnKey;
  readonly before: string | boolean | undefined;
  readonly after: string | boolean | undefined;
}

/** How one definition of a table differs from another. */
export interface TableChanges {
  readonly added: readonly CatalogColumn[];
  readonly removed: readonly string[];
  readonly changed: readonly ChangedColumn[];
  readonly primaryKey?: { readonly before: readonly string[]; readonly after: readonly string[] };
  readonly uniqueIndexes?: {
    readonly before: readonly (readonly string[])[];
    readonly after: readonly (readonly string[])[];
  };
}

const KEYS: readonly ColumnKey[] = [
  "type",
  "aliasType",
  "nullable",
  "identity",
  "computed",
  "definition",
  "collation",
  "default",
];

/** What has changed from one definition to another; the order of columns and descriptions don't count. */
export function tableChanges(before: CatalogTable, after: CatalogTable): TableChanges {
  const known = new Map(before.columns.map((column) => [column.name, column]));
  const left = new Set(after.columns.map(({ name }) => name));
  const [one, other] = [sortedLists(before.uniqueIndexes), sortedLists(after.uniqueIndexes)];
  return {
    added: after.columns.filter(({ name }) => !known.has(name)),
    removed: before.columns.filter(({ name }) => !left.has(name)).map(({ name }) => name),
    changed: after.columns.flatMap((column) => columnChanges(known.get(column.name), column)),
    ...(sameList(before.primaryKey, after.primaryKey)
      ? {}
      : { primaryKey: { before: before.primaryKey, after: after.primaryKey } }),
    ...(JSON.stringify(one) === JSON.stringify(other) ? {} : { uniqueIndexes: { before: one, after: other } }),
  };
}

/** Whether two definitions say the same. */
export function isUnchanged({ added, removed, changed, primaryKey, uniqueIndexes }: TableChanges): boolean {
  const columns = added.length + removed.length + changed.length;
  return columns === 0 && primaryKey === undefined && uniqueIndexes === undefined;
}

function columnChanges(before: CatalogColumn | undefined, after: CatalogColumn): ChangedColumn[] {
  if (before === undefined) return [];
  // Whether a computed column may be NULL follows from its expression.
  const keys = after.computed && before.computed ? KEYS.filter((key) => key !== "nullable") : KEYS;
  return keys.flatMap((key) => {
    const sides = { before: before[key], after: after[key] };
    return isSame(key, sides.before, sides.after) ? [] : [{ column: after.name, key, ...sides }];
  });
}

function isSame(key: ColumnKey, before: unknown, after: unknown): boolean {
  if (before === after) return true;
  if (typeof before !== "string" || typeof after !== "string") return false;
  if (key === "type") return comparable(before) === comparable(after);
  return (key === "default" || key === "definition") && unwrapped(before) === unwrapped(after);
}

/** A type so that `Decimal (8, 2)` and `numeric(8,2)`, `datetime2` and `datetime2(7)` are the same. */
function comparable(text: string): string {
  const type = parseSourceType(text);
  return type === undefined ? text : formatSourceType(withDefaults(type));
}

function withDefaults(type: SourceType): SourceType {
  if (type.name === "decimal" && type.precision === undefined) return { ...type, precision: 18, scale: 0 };
  if (/^(?:time|datetime2|datetimeoffset)$/.test(type.name) && type.scale === undefined) return { ...type, scale: 7 };
  return type;
}

/** An expression without the parentheses that SQL Server puts around it. */
function unwrapped(expression: string): string {
  let text = expression.trim();
  while (text.startsWith("(") && closing(text) === text.length - 1) text = text.slice(1, -1).trim();
  return text;
}

/** Where the parenthesis ends that a text begins with; those in strings and names don't count. */
function closing(text: string): number {
  let depth = 0;
  for (const { 0: part, index } of text.matchAll(/'(?:[^']|'')*'|\[(?:[^\]]|\]\])*\]|"(?:[^"]|"")*"|[()]/g)) {
    if (part === "(") depth++;
    else if (part === ")" && --depth === 0) return index;
  }
  return -1;
}

function sameList(one: readonly string[], other: readonly string[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
