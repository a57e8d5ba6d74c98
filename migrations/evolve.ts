import { CdcError } from "../lib/errors";
import { compareTable, type ComparedTable, type ModelChange } from "../model/diff";
import { BRIEF_LOCK } from "../model/hazard";
import type { Change } from "../sql/plan";
import { alterColumn } from "../sql/plans/alter-column";
import { formatColumnSpec, parseColumnSpec } from "../sql/plans/column-spec";
import type { ColumnSpecs, SinkTableProps, StagingTableProps } from "../sql/plans/props";
import { planSinkTable } from "../sql/plans/sink-table";
import { planStagingTable, stagingTableOutputs } from "../sql/plans/staging-table";
import type { DesiredTable } from "./desired";

/** What an existing table needs to become the new one. */
export interface Evolution {
  /** The differences of columns and key, as a diff tells them. */
  readonly differences: readonly ModelChange[];
  /** What a step file holds, in order; none when nothing has to be run. */
  readonly changes: readonly Change[];
  /** Changes of type that only a person can make. */
  readonly impossible: readonly ModelChange[];
  /** Columns that are no longer wanted, by name; they stay. */
  readonly removed: ColumnSpecs;
  /** Drops and adds that may be renames: somebody has to answer. */
  readonly questions: readonly string[];
}

/** The table and its staging as they are wanted; the schema may be a mark. */
export interface WantedTable {
  readonly table: SinkTableProps;
  readonly staging: StagingTableProps;
}

/**
 * From what the files say to what the configuration wants.
 * @param kept columns that are no longer wanted since an earlier change, and still there
 */
export function evolve(old: DesiredTable, wanted: WantedTable, kept: ColumnSpecs = {}): Evolution {
  const { table, staging } = wanted;
  if (isSame(old, wanted, kept)) return { differences: [], changes: [], impossible: [], removed: {}, questions: [] };
  const place = { connection: "", database: "", schema: table.schema };
  const again = wantedAgain(kept, table, old.table);
  const olds = { ...old.table, ...place, columns: { ...again, ...old.table.columns } };
  const differences = differencesOf(olds, table);
  const known = { ...stagingTableOutputs({ ...old.staging, ...place }), columns: old.staging.columns };
  const follow = planStagingTable(known, staging);
  // Somebody else's table is never altered; the staging table is ours.
  if (table.targetExists) return { differences, changes: follow.changes, impossible: [], removed: {}, questions: [] };
  const impossible = differences.filter(
    ({ typeChange, using }) => typeChange?.kind === "impossible" && using === undefined,
  );
  const plan = planSinkTable(withTypes(olds, impossible), table);
  const questions = plan.failures.filter(({ rename }) => rename !== undefined);
  const other = plan.failures.find(({ rename }) => rename === undefined);
  if (other !== undefined)
    throw new CdcError("CDC_MIGRATION_IMPOSSIBLE", readable(`${nameOf(table)}: ${other.property} ${other.reason}`));
  return {
    differences,
    changes: [...ensured(again, table), ...plan.changes, ...follow.changes].filter(({ sql }) => sql.length > 0),
    impossible,
    removed: removedColumns(olds.columns, differences),
    questions: questions.map(({ property, reason }) => readable(`${nameOf(table)}: ${property} ${reason}`)),
  };
}

/** Nearly always nothing has changed, which needs no plan to be seen. */
function isSame(old: DesiredTable, { table, staging }: WantedTable, kept: ColumnSpecs): boolean {
  const [olds, news] = [old.table, table];
  const keys = olds.key.length === news.key.length && olds.key.every((name, index) => name === news.key[index]);
  const roles = olds.applicationRole === news.applicationRole && olds.targetExists === news.targetExists;
  const staged = old.staging.logged === staging.logged && old.staging.staging === staging.staging;
  const again = Object.keys(wantedAgain(kept, table, old.table)).length > 0;
  return (
    keys &&
    roles &&
    staged &&
    !again &&
    sameSpecs(olds.columns, news.columns) &&
    sameSpecs(old.staging.columns, staging.columns)
  );
}

function sameSpecs(olds: ColumnSpecs, news: ColumnSpecs): boolean {
  const names = Object.keys(news);
  return (
    Object.keys(olds).length === names.length &&
    names.every((name) => Object.hasOwn(olds, name) && olds[name] === news[name])
  );
}

/** The differences of columns and key alone. */
function differencesOf(olds: ComparedSpecs, news: SinkTableProps): ModelChange[] {
  return compareTable(compared(olds), compared(news), nameOf(news), news.hints);
}

interface ComparedSpecs {
  readonly columns: ColumnSpecs;
  readonly key: readonly string[];
}

function compared({ columns, key }: ComparedSpecs): ComparedTable {
  const parsed = Object.entries(columns).map(([name, text]) => [name, parseColumnSpec(name, text)] as const);
  return { columns: Object.fromEntries(parsed), key };
}

/** Kept columns that are wanted again, or under a new name: they are there, without NOT NULL. */
function wantedAgain(kept: ColumnSpecs, { columns, hints }: SinkTableProps, old: ComparedSpecs): ColumnSpecs {
  const renames = new Map((hints?.renames ?? []).map(({ from, to }) => [from, to]));
  // A rename does nothing where its new name is there already.
  const isRenamed = (name: string) => renames.has(name) && !Object.hasOwn(old.columns, lastName(name, renames));
  return Object.fromEntries(Object.entries(kept).filter(([name]) => Object.hasOwn(columns, name) || isRenamed(name)));
}

/** The name that a column has after all renames of it. */
function lastName(name: string, renames: ReadonlyMap<string, string>): string {
  const seen = new Set<string>();
  let last = name;
  for (let next = renames.get(last); next !== undefined && !seen.has(next); next = renames.get(last)) {
    seen.add(next);
    last = next;
  }
  return last;
}

/** A database that was made while such a column was not wanted has none; everything after is about one that is there. */
function ensured(again: ColumnSpecs, table: SinkTableProps): Change[] {
  return Object.entries(again).map(([column, spec]) => {
    const to = parseColumnSpec(column, spec);
    const summary = `column ${column} ${to.type} is wanted again, with the values it kept`;
    const change = {
      kind: "COLUMN_ADDED",
      severity: "info",
      object: `${nameOf(table)}.${column}`,
      summary,
      hazard: BRIEF_LOCK,
    } as const;
    return { ...change, sql: alterColumn(table, { ...change, column, to }) };
  });
}

/** The columns as if a person had changed these types already. */
function withTypes<T extends ComparedSpecs>(olds: T, changes: readonly ModelChange[]): T {
  const changed = changes.map(({ column = "", to }) => {
    const spec = parseColumnSpec(column, olds.columns[column] ?? "");
    return [column, formatColumnSpec({ ...spec, type: to?.type ?? spec.type })] as const;
  });
  return { ...olds, columns: { ...olds.columns, ...Object.fromEntries(changed) } };
}

/** As they stay: without NOT NULL, unless a default fills them. */
function removedColumns(olds: ColumnSpecs, differences: readonly ModelChange[]): ColumnSpecs {
  const names = differences.filter(({ kind }) => kind === "COLUMN_REMOVED").map(({ column = "" }) => column);
  return Object.fromEntries(
    names.map((name) => {
      const spec = parseColumnSpec(name, olds[name] ?? "");
      return [name, formatColumnSpec({ ...spec, nullable: spec.nullable || spec.default === undefined })];
    }),
  );
}

function nameOf({ schema, table }: SinkTableProps): string {
  return readable(`${schema}.${table}`);
}

/** Marks as they will stand in files. */
function readable(text: string): string {
  return text.replace(/\uE000([^\uE001]*)\uE001/g, "{{$1}}");
}
