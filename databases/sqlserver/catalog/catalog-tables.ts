import { sortedLists, type CatalogColumn, type CatalogTable } from "../../../model/catalog-table";
import type { TextRow } from "../run";
import { columnType } from "./column-type";

/** The answers of the catalog queries. */
export interface CatalogRows {
  readonly columns: readonly TextRow[];
  readonly keys: readonly TextRow[];
  readonly descriptions: readonly TextRow[];
  /** Of the database. */
  readonly collation: string | null;
}

/** Rows of the catalog as tables; undefined when a key names a column that isn't there, since a table was changed meanwhile. */
export function catalogTables(rows: CatalogRows): CatalogTable[] | undefined {
  const columns = grouped(rows.columns, "table_id");
  const keys = grouped(rows.keys, "table_id");
  const descriptions = new Map(rows.descriptions.map((row) => [placeOf(row), row["description"] ?? ""]));
  const tables = [...columns].map(([id, own]) => {
    return catalogTable(id, own, keys.get(id) ?? [], descriptions, rows.collation);
  });
  return tables.some((table) => table === undefined) ? undefined : tables.filter((table) => table !== undefined);
}

function catalogTable(
  id: string,
  columns: readonly TextRow[],
  keys: readonly TextRow[],
  descriptions: ReadonlyMap<string, string>,
  collation: string | null,
): CatalogTable | undefined {
  const names = new Map(columns.map((row) => [row["column_id"], row["column_name"] ?? ""]));
  if (keys.some((row) => !names.has(row["column_id"]))) return undefined;
  const indexes = [...grouped(keys, "index_name").values()].map((own) => ({
    primary: own[0]?.["is_primary_key"] === "1",
    columns: own.map((row) => names.get(row["column_id"]) ?? ""),
  }));
  const unique = indexes.filter(({ primary }) => !primary).map((index) => index.columns);
  return {
    schema: columns[0]?.["schema_name"] ?? "",
    table: columns[0]?.["table_name"] ?? "",
    ...text("description", descriptions.get(`${id} 0`)),
    columns: columns.map((row) => catalogColumn(row, descriptions.get(placeOf(row)), collation)),
    primaryKey: indexes.find(({ primary }) => primary)?.columns ?? [],
    uniqueIndexes: sortedLists(unique),
  };
}

function catalogColumn(row: TextRow, description: string | undefined, database: string | null): CatalogColumn {
  const collation = row["collation_name"] ?? undefined;
  return {
    name: row["column_name"] ?? "",
    ...columnType(row),
    nullable: row["is_nullable"] === "1",
    identity: row["is_identity"] === "1",
    computed: row["is_computed"] === "1",
    ...text("definition", row["computed_as"]),
    ...text("default", row["default_as"]),
    ...text("collation", collation === database ? undefined : collation),
    ...text("description", description),
  };
}

function placeOf(row: TextRow): string {
  return `${row["table_id"] ?? ""} ${row["column_id"] ?? ""}`;
}

/** A key with a text; nothing for none, or one of blanks. */
function text<K extends string>(key: K, value: string | null | undefined): { [_ in K]?: string } {
  return value === null || value === undefined || value.trim() === ""
    ? {}
    : ({ [key]: value } as { [_ in K]?: string });
}

function grouped(rows: readonly TextRow[], key: string): Map<string, TextRow[]> {
  const groups = new Map<string, TextRow[]>();
  for (const row of rows) {
    const name = row[key] ?? "";
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  }
  return groups;
}
