import type { ColumnSet } from "./column-set";

/** One column under its old and its new name. */
export interface ColumnRename {
  readonly from: string;
  readonly to: string;
}

/** What the configuration says about changes that a comparison alone can't tell: `manual_migration_hints` of a sink table. */
export interface TableHints {
  /** Columns that are the same under a new name; no name is twice in `from`. */
  readonly renames?: readonly ColumnRename[];
  /** Pairs that look like a rename and are none. */
  readonly notRenamed?: readonly ColumnRename[];
  /** USING expression of a type change, by column. */
  readonly using?: Readonly<Record<string, string>>;
  /** Statement that fills the missing values before a column becomes NOT NULL, by column; `{{SCHEMA}}` stands for the schema. */
  readonly preSql?: Readonly<Record<string, string>>;
}

/**
 * The renames that are still to be done: the old column is there, and the new one is wanted and isn't there.
 * Where several names led to one (A to B, later B to C), the one that is there counts, the latest first.
 */
export function pendingRenames(
  present: Iterable<string>,
  wanted: Readonly<Record<string, unknown>>,
  renames: readonly ColumnRename[] = [],
): ColumnRename[] {
  const names = new Set(present);
  return directRenames(renames).filter(({ from, to }) => {
    if (!names.has(from) || names.has(to) || !Object.hasOwn(wanted, to)) return false;
    names.delete(from);
    names.add(to);
    return true;
  });
}

/** Each old name with the last name that it leads to, the latest renames first: the first that can be done is right. */
export function directRenames(renames: readonly ColumnRename[]): ColumnRename[] {
  const next = new Map(renames.map(({ from, to }) => [from, to]));
  return renames.map(({ from }) => ({ from, to: lastName(from, next) })).reverse();
}

/** Where a chain of renames ends. */
function lastName(from: string, next: ReadonlyMap<string, string>): string {
  const seen = new Set([from]);
  let name = from;
  for (let to = next.get(name); to !== undefined && !seen.has(to); to = next.get(to)) {
    seen.add(to);
    name = to;
  }
  return name;
}

/** The columns under their new names. */
export function renameColumns(columns: ColumnSet, renames: readonly ColumnRename[]): ColumnSet {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [renamed(name, renames), column]));
}

/** The name after the renames. */
export function renamed(name: string, renames: readonly ColumnRename[]): string {
  return renames.find(({ from }) => from === name)?.to ?? name;
}

/** The user's SQL with the schema's name in place of `{{SCHEMA}}`, as it stands inside a quoted identifier. */
export function inSchema(text: string, schema: string): string {
  return text.replaceAll("{{SCHEMA}}", () => schema.replaceAll('"', '""'));
}
