import { describe, type MsSqlConfig } from "../../../databases/sqlserver/config";
import { CdcError } from "../../../lib/errors";
import { nearestWord } from "../../../model/nearest-word";
import { parseTableName } from "../../../model/table-name";

/** Schema of a table that is named without one. */
const DEFAULT_SCHEMA = "dbo";

/** Where a table is. */
export interface TablePlace {
  readonly schema: string;
  readonly table: string;
}

/**
 * The tables of a database that a configuration names, `Orders` or `dbo.Orders`, in its order. A name without a schema
 * is one of dbo, or the only one of its name. One that differs in case alone is taken, when only one table has it: most
 * databases don't tell them apart.
 * @throws CdcError `CDC_SOURCE_TABLE` with the nearest name for one that isn't there, `CDC_INPUT_TABLE` for one that
 *   could be several, or is named twice.
 */
export function namedTables<P extends TablePlace>(
  names: readonly string[],
  tables: readonly P[],
  config: MsSqlConfig,
): P[] {
  const found = names.map((name) => only(name, tablesOfName(name, tables), tables, config));
  const twice = found.find((one, index) => found.indexOf(one) < index);
  if (twice !== undefined) throw wrong(`table ${fullName(twice)} is named twice`, "Name it once.");
  return found;
}

/** What a name may mean: what is spelled as it is stronger. */
function tablesOfName<P extends TablePlace>(name: string, tables: readonly P[]): readonly P[] {
  const { schema, table } = parseTableName(name);
  const alike = tables.filter((one) => sameName(one.table, table));
  const isIn = (one: P): boolean => sameName(one.schema, schema ?? DEFAULT_SCHEMA);
  const found = schema === undefined ? rather(alike, isIn) : alike.filter(isIn);
  const inSchema = rather(found, (one) => one.schema === (schema ?? DEFAULT_SCHEMA));
  const isOneSchema = new Set(inSchema.map((one) => one.schema)).size === 1;
  return isOneSchema ? rather(inSchema, (one) => one.table === table) : inSchema;
}

/** Those that are wanted most; all when there are none. */
function rather<P>(all: readonly P[], isWanted: (one: P) => boolean): readonly P[] {
  const wanted = all.filter(isWanted);
  return wanted.length > 0 ? wanted : all;
}

function only<P extends TablePlace>(name: string, found: readonly P[], all: readonly P[], config: MsSqlConfig): P {
  const [one, other] = found;
  if (one === undefined) throw missing(name, all, config);
  if (other === undefined) return one;
  throw wrong(`table ${name} may be ${found.map(fullName).join(" or ")}`, "Name it with its schema, as it is spelled.");
}

function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function missing(name: string, tables: readonly TablePlace[], config: MsSqlConfig): CdcError {
  const { schema = DEFAULT_SCHEMA, table } = parseTableName(name);
  const near = nearestWord(`${schema}.${table}`, tables.map(fullName)) ?? sameTable(table, tables);
  const hint = near === undefined ? `This login sees ${listed(tables.map(fullName))}.` : `Did you mean ${near}?`;
  return new CdcError("CDC_SOURCE_TABLE", `there is no table ${schema}.${table} in ${describe(config)}`, { hint });
}

/** The table may be in another schema. */
function sameTable(name: string, tables: readonly TablePlace[]): string | undefined {
  const [one, other] = tables.filter(({ table }) => sameName(table, name));
  return one !== undefined && other === undefined ? fullName(one) : undefined;
}

/** As a configuration would name it. */
function fullName({ schema, table }: TablePlace): string {
  return [schema, table].map((part) => (/[.[\]"]/.test(part) ? `[${part.replace(/]/g, "]]")}]` : part)).join(".");
}

const NAMED = 10;

function listed(names: readonly string[]): string {
  if (names.length === 0) return "no table: it has to be granted SELECT";
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
  return `${names.slice(0, NAMED).join(", ")}${more}`;
}

function wrong(what: string, hint: string): CdcError {
  return new CdcError("CDC_INPUT_TABLE", what, { hint });
}
