import type { MsSqlConfig } from "../../databases/sqlserver/config";
import { queryRows, type TextRow } from "../../databases/sqlserver/run";
import { CdcError } from "../../lib/errors";
import { isSendable, type SourceKeyColumn } from "../../sql/sqlserver/key-values";
import { SOURCE_COLUMNS, SOURCE_KEYS, type SourceKey } from "../../sql/sqlserver/snapshot-statements";

/** A table of the source by its names there. */
export interface SourceTableName {
  readonly schema: string;
  readonly table: string;
}

/**
 * The key by which a table is read in pieces: its primary key, else the unique index with the fewest columns.
 * @throws CdcError `CDC_SNAPSHOT_NO_KEY` when the table has none; `CDC_SOURCE_NO_TABLE` when it isn't there.
 */
export async function readSourceKey(
  config: MsSqlConfig,
  table: SourceTableName,
  signal?: AbortSignal,
): Promise<SourceKey> {
  const keys = keysOf(await catalogRows(config, SOURCE_KEYS, table, signal));
  const usable = keys.filter(({ columns }) => columns.every(({ type }) => isSendable(type)));
  // The server lists a primary key first.
  const best = usable.toSorted(
    (a, b) => Number(b.isPrimary) - Number(a.isPrimary) || a.columns.length - b.columns.length,
  );
  if (best[0] !== undefined) return best[0];
  throw (await readSourceColumns(config, table, signal)).size === 0 ? noTable(table, config) : noKey(table, keys);
}

/** Types of a table's columns by their names. */
export async function readSourceColumns(
  config: MsSqlConfig,
  table: SourceTableName,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, SourceKeyColumn>> {
  const rows = await catalogRows(config, SOURCE_COLUMNS, table, signal);
  return new Map(rows.map((row) => [row["column_name"] ?? "", keyColumn(row)]));
}

function catalogRows(
  config: MsSqlConfig,
  statement: string,
  { schema, table }: SourceTableName,
  signal: AbortSignal | undefined,
): Promise<readonly TextRow[]> {
  const names = [
    { name: "schema", type: "nvarchar", value: schema },
    { name: "table", type: "nvarchar", value: table },
  ] as const;
  const options = { object: `table ${schema}.${table}`, ...(signal === undefined ? {} : { signal }) };
  return queryRows(config, statement, names, options);
}

function keysOf(rows: readonly TextRow[]): SourceKey[] {
  const names = new Set(rows.map((row) => row["name"] ?? ""));
  return [...names].map((name) => {
    const columns = rows.filter((row) => row["name"] === name);
    return { name, isPrimary: columns[0]?.["is_primary"] === "1", columns: columns.map(keyColumn) };
  });
}

function keyColumn(row: TextRow): SourceKeyColumn {
  const { collation } = row;
  return {
    name: row["column_name"] ?? "",
    type: typeText(row),
    ...(collation === null || collation === undefined ? {} : { collation }),
    nullable: row["is_nullable"] === "1",
  };
}

function typeText(row: TextRow): string {
  const type = row["type"] ?? "";
  const length = Number(row["max_length"]);
  if (/char$|binary$/.test(type)) {
    if (length === -1) return `${type}(max)`;
    return `${type}(${String(type.startsWith("n") ? length / 2 : length)})`;
  }
  if (type === "decimal" || type === "numeric") return `${type}(${row["precision"] ?? ""},${row["scale"] ?? ""})`;
  return ["datetime2", "datetimeoffset", "time"].includes(type) ? `${type}(${row["scale"] ?? ""})` : type;
}

function noTable({ schema, table }: SourceTableName, { database, user }: MsSqlConfig): CdcError {
  return new CdcError("CDC_SOURCE_NO_TABLE", `table ${schema}.${table} is not in database ${database}`, {
    hint: `It was dropped or renamed, or ${user} may not see it: grant SELECT on it.`,
  });
}

function noKey({ schema, table }: SourceTableName, keys: readonly SourceKey[]): CdcError {
  const unusable = keys.map(({ name, columns }) => `${name} (${columns.map(({ type }) => type).join(", ")})`);
  const but = unusable.length === 0 ? "" : `, but for ${unusable.join(", ")}, whose values cannot be sent`;
  return new CdcError(
    "CDC_SNAPSHOT_NO_KEY",
    `table ${schema}.${table}: it has no primary key and no unique index${but}: it cannot be read in pieces`,
    {
      hint: "Add a primary key or a unique index at the source, or set `snapshot: never` for this table to stream its changes only.",
    },
  );
}
