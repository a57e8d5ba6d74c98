import { describe, type MsSqlConfig } from "../../../databases/sqlserver/config";
import { CdcError } from "../../../lib/errors";
import type { CatalogTable } from "../../../model/catalog-table";
import { nearestWord } from "../../../model/nearest-word";
import { parseTableName } from "../../../model/table-name";

/** Schema of a table that is named without one. */
export const DEFAULT_SCHEMA = "dbo";

/**
 * The tables of a database that a configuration names, `Orders` or `dbo.Orders`, in its order, each once. A name that
 * differs in case alone is taken, when only one table has it: most databases don't tell them apart.
 * Throws CdcError (CDC_SOURCE_TABLE) with the nearest name for one that isn't there.
 */
export function namedTables(
  names: readonly string[],
  tables: readonly CatalogTable[],
  config: MsSqlConfig,
): CatalogTable[] {
  const found = names.map((name) => tableOf(name, tables) ?? missing(name, tables, config));
  const [fault] = found.filter((one) => one instanceof CdcError);
  if (fault !== undefined) throw fault;
  return [...new Set(found as CatalogTable[])];
}

function tableOf(name: string, tables: readonly CatalogTable[]): CatalogTable | undefined {
  const { schema = DEFAULT_SCHEMA, table } = parseTableName(name);
  const exact = tables.find((one) => one.schema === schema && one.table === table);
  if (exact !== undefined) return exact;
  const similar = tables.filter((one) => sameName(one.schema, schema) && sameName(one.table, table));
  return similar.length === 1 ? similar[0] : undefined;
}

function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function missing(name: string, tables: readonly CatalogTable[], config: MsSqlConfig): CdcError {
  const { schema = DEFAULT_SCHEMA, table } = parseTableName(name);
  const near = nearestWord(`${schema}.${table}`, tables.map(fullName)) ?? sameTable(table, tables);
  const hint = near === undefined ? `It has ${listed(tables.map(fullName))}.` : `Did you mean ${near}?`;
  return new CdcError("CDC_SOURCE_TABLE", `there is no table ${schema}.${table} in ${describe(config)}`, { hint });
}

/** The table may be in another schema. */
function sameTable(name: string, tables: readonly CatalogTable[]): string | undefined {
  const [only, other] = tables.filter(({ table }) => sameName(table, name));
  return only !== undefined && other === undefined ? fullName(only) : undefined;
}

function fullName({ schema, table }: CatalogTable): string {
  return `${schema}.${table}`;
}

const NAMED = 10;

function listed(names: readonly string[]): string {
  if (names.length === 0) return "no table";
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
  return `${names.slice(0, NAMED).join(", ")}${more}`;
}
