import { sqlError, SqlError } from "../errors";
import { parseName } from "../parse";
import { sendRows, type Call, type Procedure } from "../exec/procedure";
import type { Database } from "../storage/database";
import type { Table } from "../storage/table";
import { nvarchar, T } from "../values/sql-type";

/** The table of a name in a database; undefined when there is none. */
function tableOf(database: Database, parts: readonly string[]): Table | undefined {
  return database.table((parts.length > 1 && parts[parts.length - 2]) || "dbo", parts.at(-1) ?? "");
}

/** sp_rename of a table, a column or an index. */
function rename({ args, batch, database }: Call): number {
  const parts = parseName(args.required("@objname"));
  const name = args.required("@newname");
  const kind = (args.text("@objtype") ?? "OBJECT").toUpperCase();
  if (kind === "COLUMN") renameColumn(database, parts, name);
  else if (kind === "INDEX") renameIndex(database, parts, name);
  else if (kind === "OBJECT") renameTable(database, parts, name);
  else throw sqlError(15248, kind);
  batch.output.message(
    new SqlError(
      15_477,
      0,
      1,
      "Caution: Changing any part of an object name could break scripts and stored procedures.",
    ),
  );
  return 0;
}

function renameTable(database: Database, parts: readonly string[], name: string): void {
  const table = tableOf(database, parts);
  if (!table) throw sqlError(15225, parts.join("."), database.name, "OBJECT");
  const { tables } = table.schema;
  if (tables.has(name.toLowerCase())) throw sqlError(15335, name, "OBJECT");
  tables.delete(table.name.toLowerCase());
  table.name = name;
  tables.set(name.toLowerCase(), table);
}

function renameColumn(database: Database, parts: readonly string[], name: string): void {
  const table = tableOf(database, parts.slice(0, -1));
  const column = table?.column(parts.at(-1) ?? "");
  if (!table || !column) throw sqlError(15248, "COLUMN");
  if (table.column(name)) throw sqlError(15335, name, "COLUMN");
  // The history of definitions doesn't tell of it.
  table.reshape(
    table.columns.map((one) => (one === column ? { ...one, name } : one)),
    (values) => [...values],
  );
}

function renameIndex(database: Database, parts: readonly string[], name: string): void {
  const table = tableOf(database, parts.slice(0, -1));
  const index = table?.indexes.find(({ shape }) => shape.name.toLowerCase() === parts.at(-1)?.toLowerCase());
  if (!table || !index) throw sqlError(15248, "INDEX");
  Object.assign(index.shape, { name });
}

const PROPERTY = [
  "@name",
  "@value",
  "@level0type",
  "@level0name",
  "@level1type",
  "@level1name",
  "@level2type",
  "@level2name",
];

/** sp_addextendedproperty and sp_updateextendedproperty on a table or a column. */
function setProperty({ args, database }: Call): number {
  const table = database.table(args.text("@level0name") ?? "dbo", args.text("@level1name") ?? "");
  if (!table) throw sqlError(15135);
  const column = args.text("@level2name");
  const found = column === null ? undefined : table.column(column);
  if (column !== null && !found) throw sqlError(15135);
  const name = args.required("@name");
  const columnId = found?.id ?? 0;
  const at = database.extendedProperties.findIndex(
    (one) => one.tableId === table.id && one.columnId === columnId && one.name === name,
  );
  if (at >= 0) database.extendedProperties.splice(at, 1);
  database.extendedProperties.push({ name, tableId: table.id, columnId, value: args.text("@value") ?? "" });
  return 0;
}

/** sp_tables: what tools list first. */
function listTables({ batch, database }: Call): number {
  const columns = ["TABLE_QUALIFIER", "TABLE_OWNER", "TABLE_NAME", "TABLE_TYPE", "REMARKS"].map((name) => ({
    name,
    type: name === "REMARKS" ? nvarchar(254) : T.sysname,
    nullable: true,
  }));
  const rows = [...database.tables()].map((table) => [
    database.name,
    table.schema.name,
    table.name,
    table.msShipped ? "SYSTEM TABLE" : "TABLE",
    null,
  ]);
  sendRows(batch, columns, rows);
  return 0;
}

/** Procedures that aren't of CDC. */
export const CATALOG_PROCEDURES: Readonly<Record<string, Procedure>> = {
  sp_rename: { parameters: ["@objname", "@newname", "@objtype"], run: rename },
  sp_addextendedproperty: { parameters: PROPERTY, run: setProperty },
  sp_updateextendedproperty: { parameters: PROPERTY, run: setProperty },
  sp_tables: { parameters: ["@table_name", "@table_owner", "@table_qualifier", "@table_type"], run: listTables },
  sp_reset_connection: { parameters: [], run: () => 0 },
};
