import { compareTable, type ComparedTable, type ModelChange } from "../../model/diff";
import { BRIEF_LOCK, hazardWith, NO_HAZARD, SHARED_LOCK, type Hazard } from "../../model/hazard";
import { primaryKeyName, syncIndexName } from "../../model/identifier";
import { METADATA_COLUMNS } from "../../model/metadata-columns";
import { pendingRenames, renamed } from "../../model/table-hints";
import { planOf, type Change, type Plan, type PlanFailure } from "../plan";
import { ident, joinSql, literal, qualified, sql, type Sql } from "../sql";
import { renderTemplate, type SqlView } from "../template";
import { alterColumn, columnSql } from "./alter-column";
import { orderedColumns, parseColumnSpec } from "./column-spec";
import type { ColumnSpecs, SinkTableOutputs, SinkTableProps } from "./props";
import { renameFailure, renameStatement } from "./rename-column";
import { checkStatement } from "./stored-check";
import { planExistingTarget } from "./target-exists";

/**
 * Makes a final table, or takes the one that is there to what is wanted without losing a row, or drops it.
 * Columns that are no longer wanted stay. `olds` may be the state's or the real table's.
 */
export function planSinkTable(olds: SinkTableOutputs | undefined, news: SinkTableProps | undefined): Plan {
  if (news === undefined) return planOf(olds === undefined || olds.targetExists ? [] : [removed(olds)]);
  if (news.targetExists) return planExistingTarget(olds, news);
  if (olds === undefined) return planOf([added(news)]);
  const differences = modelChanges(olds, news);
  return planOf(
    [...altered(news, differences), ...relaxed(olds, news, differences), ...mended(olds, news), ...granted(olds, news)],
    [...impossible(differences), ...questions(news, differences)],
  );
}

function added(news: SinkTableProps): Change {
  const object = objectOf(news);
  const [change] = compareTable(undefined, compared(news), object);
  return shown(change ?? { kind: "TABLE_ADDED", severity: "info", object, summary: "table", hazard: NO_HAZARD }, [
    createTable(news),
  ]);
}

function createTable(news: SinkTableProps): Sql {
  const own = orderedColumns(news.columns, news.key, news.order);
  const columns = [...own, ...METADATA_COLUMNS].map((column) => sql`${ident(column.name)} ${columnSql(column)}`);
  return renderTemplate("postgres/table/create.sql", {
    ...keyView(news),
    columns: joinSql(columns, ",\n  "),
    indexName: ident(syncIndexName(news.table)),
    grant: news.applicationRole === undefined ? false : { role: ident(news.applicationRole) },
  });
}

function keyView({ schema, table, key }: SinkTableProps): SqlView {
  return {
    table: qualified(schema, table),
    keyName: ident(primaryKeyName(table)),
    key: joinSql(key.map(ident), ", "),
  };
}

const NOT_ALTERED = new Set(["COLUMN_REMOVED", "RENAME_CANDIDATE"]);

/** Column and key changes, renames first. */
function altered(news: SinkTableProps, differences: readonly ModelChange[]): Change[] {
  const changes = differences.filter(({ kind }) => !NOT_ALTERED.has(kind));
  return changes.map((change) => shown(change, statementsOf(news, change)));
}

function statementsOf(news: SinkTableProps, change: ModelChange): Sql[] {
  const { kind, column = "", renamedFrom } = change;
  if (kind === "PRIMARY_KEY_CHANGED") return keyStatements(news, change);
  if (renamedFrom !== undefined) return [renameStatement(news, { from: renamedFrom, to: column })];
  return alterColumn(news, change);
}

/** What differs; metadata columns are compared only when they are known to differ. */
function modelChanges(olds: SinkTableOutputs, news: SinkTableProps): ModelChange[] {
  const own = compareTable(compared(withKept(olds, news)), compared(news), objectOf(news), news.hints);
  if (olds.metadata === undefined) return own;
  const standard = Object.fromEntries(METADATA_COLUMNS.map((column) => [column.name, column]));
  const found = { columns: columnSet(olds.metadata), key: [] };
  const mended = compareTable(found, { columns: standard, key: [] }, objectOf(news));
  return [...own, ...mended.filter(({ kind }) => kind !== "RENAME_CANDIDATE")];
}

/** Columns that were kept after they were no longer wanted, and now are wanted or renamed; their types show only in the table. */
function withKept(olds: SinkTableOutputs, news: SinkTableProps): SinkTableOutputs {
  const others = [...(olds.kept ?? []), ...(olds.unexpected ?? [])];
  const renames = pendingRenames([...Object.keys(olds.columns), ...others], news.columns, news.hints?.renames);
  const met = others.flatMap((name) => {
    const wanted = renamed(name, renames);
    return Object.hasOwn(news.columns, wanted) ? [[name, news.columns[wanted] ?? ""] as const] : [];
  });
  return met.length === 0 ? olds : { ...olds, columns: { ...Object.fromEntries(met), ...olds.columns } };
}

function keyStatements(news: SinkTableProps, change: ModelChange): Sql[] {
  const table = qualified(news.schema, news.table);
  const place = { table, object: change.object, name: "", from: "", to: "" };
  const hint = "Remove the rows that have the same key, or choose other key columns.";
  return [
    ...(change.check === undefined ? [] : [checkStatement(place, change.check, hint)]),
    renderTemplate("postgres/table/key.sql", { ...keyView(news), ...names(news) }),
  ];
}

/** Columns that are no longer wanted, or were added by hand: kept, but they must let new rows in. */
function relaxed(olds: SinkTableOutputs, news: SinkTableProps, differences: readonly ModelChange[]): Change[] {
  const object = objectOf(news);
  const removed = differences.filter(({ kind }) => kind === "COLUMN_REMOVED");
  const former = new Set(differences.map(({ renamedFrom }) => renamedFrom));
  const unexpected = (olds.unexpected ?? []).filter((name) => !former.has(name));
  const found = unexpected.map((name): ModelChange => ({
    kind: "COLUMN_REMOVED",
    severity: "warning",
    object: `${object}.${name}`,
    summary: `column ${name} is not in the configuration; it is kept with its values`,
    hazard: BRIEF_LOCK,
    column: name,
  }));
  return [...removed, ...found].map((change) => shown(change, [relax(news, change.column ?? "")]));
}

function relax(news: SinkTableProps, column: string): Sql {
  return renderTemplate("postgres/table/relax.sql", {
    name: literal(qualified(news.schema, news.table)),
    columns: literal(column),
  });
}

function mended(olds: SinkTableOutputs, news: SinkTableProps): Change[] {
  if (olds.index !== false) return [];
  const hazard: Hazard = { lock: "SHARE", rewrite: false, dataLoss: false, work: "builds an index" };
  const object = objectOf(news);
  const name = ident(syncIndexName(news.table));
  const statement = sql`CREATE INDEX IF NOT EXISTS ${name} ON ${qualified(news.schema, news.table)} ("__sync_timestamp")`;
  return [
    shown({ kind: "INDEX_ADDED", severity: "info", object, summary: "index on __sync_timestamp is made", hazard }, [
      statement,
    ]),
  ];
}

function granted(olds: SinkTableOutputs, news: SinkTableProps): Change[] {
  const [old, role] = [olds.applicationRole, news.applicationRole];
  if (old === role) return [];
  const table = qualified(news.schema, news.table);
  const revoke = { object: sql`TABLE ${table}`, role: ident(old ?? "x"), name: literal(old ?? "") };
  const statements = [
    ...(old === undefined ? [] : [renderTemplate("postgres/revoke.sql", revoke)]),
    ...(role === undefined ? [] : [sql`GRANT SELECT ON TABLE ${table} TO ${ident(role)}`]),
  ];
  const summary = `table is read by ${role ?? "its owner only"}`;
  return [
    shown(
      { kind: "GRANTS_CHANGED", severity: "info", object: objectOf(news), summary, hazard: SHARED_LOCK },
      statements,
    ),
  ];
}

function removed(olds: SinkTableOutputs): Change {
  const summary = olds.allowDrop
    ? "table is dropped with its rows"
    : "table is dropped if it is empty; refused while it holds rows";
  const text = olds.allowDrop ? "all rows of the table are lost" : "nothing is lost: a table with rows is refused";
  const hazard = hazardWith(text, { lock: "ACCESS EXCLUSIVE", rewrite: false, dataLoss: olds.allowDrop });
  const view = { ...names(olds), table: qualified(olds.schema, olds.table), rows: olds.allowDrop };
  return shown(
    {
      kind: "TABLE_DROPPED",
      severity: olds.allowDrop ? "breaking" : "warning",
      object: objectOf(olds),
      summary,
      hazard,
    },
    [renderTemplate("postgres/table/drop.sql", view)],
  );
}

function impossible(differences: readonly ModelChange[]): PlanFailure[] {
  return differences
    .filter(({ typeChange }) => typeChange?.kind === "impossible")
    .map(({ column = "", hazard }) => ({
      property: `columns.${column}`,
      reason: hazard.text ?? "impossible type change",
    }));
}

/** A column that goes while one of its type comes may be lost or renamed: only the user knows. */
function questions(news: SinkTableProps, differences: readonly ModelChange[]): PlanFailure[] {
  return differences
    .filter(({ kind }) => kind === "RENAME_CANDIDATE")
    .map(({ column = "", renamedFrom = "" }) => {
      const { type } = parseColumnSpec(column, news.columns[column] ?? "");
      return renameFailure({ table: objectOf(news), from: renamedFrom, to: column, type });
    });
}

function compared({ columns, key }: { readonly columns: ColumnSpecs; readonly key: readonly string[] }): ComparedTable {
  return { columns: columnSet(columns), key };
}

function columnSet(specs: ColumnSpecs): ComparedTable["columns"] {
  return Object.fromEntries(Object.entries(specs).map(([name, text]) => [name, parseColumnSpec(name, text)]));
}

function names({ schema, table }: { readonly schema: string; readonly table: string }) {
  return { name: literal(qualified(schema, table)), schemaText: literal(schema), tableText: literal(table) };
}

function objectOf({ schema, table }: { readonly schema: string; readonly table: string }): string {
  return `${schema}.${table}`;
}

type Told = Omit<Change, "sql">;

function shown({ kind, severity, object, summary, hazard }: Told, statements: readonly Sql[]): Change {
  return { kind, severity, object, summary, hazard, sql: statements };
}
