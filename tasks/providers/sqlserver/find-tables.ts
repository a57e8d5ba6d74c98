import { readCaptureState } from "../../../databases/sqlserver/capture-state";
import type { MsSqlConfig } from "../../../databases/sqlserver/config";
import { CdcError } from "../../../lib/errors";
import { parseTableName } from "../../../model/table-name";
import type { SnapshotMode } from "../../../model/topology";
import type { FollowedTable } from "../../../stream/follow/options";
import type { TableConfig } from "./config";

const DEFAULT_SCHEMA = "dbo";

/**
 * Finds the tables in the database as it is captured. A name without a schema is one of dbo, or the only one of its name.
 * @throws CdcError `CDC_MSSQL_NOT_ENABLED`, `CDC_SOURCE_NO_INSTANCE`, `CDC_INPUT_TABLE`; else as the server tells.
 */
export async function findTables(
  config: MsSqlConfig,
  tables: readonly TableConfig[],
  mode: SnapshotMode,
): Promise<FollowedTable[]> {
  const { enabled, instances } = await readCaptureState(config);
  if (!enabled) throw notEnabled(config);
  const found = tables.map(({ name, capture_instance: instance, columns, snapshot = mode }): FollowedTable => {
    const { schema, table } = placeOf(name, instances, config);
    const own = instances.filter((one) => one.schema === schema && one.table === table);
    if (own.length === 0) throw notCaptured(`${schema}.${table}`, config);
    if (instance !== undefined && !own.some((one) => one.name === instance))
      throw noSuchInstance(instance, `${schema}.${table}`, own);
    const chosen = { ...(instance === undefined ? {} : { instance }), ...(columns === undefined ? {} : { columns }) };
    return { schema, table, snapshot, ...chosen };
  });
  const names = found.map(({ schema, table }) => `${schema}.${table}`);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw wrong(`table ${twice} is named twice`);
  return found;
}

interface Place {
  readonly schema: string;
  readonly table: string;
}

function placeOf(name: string, instances: readonly Place[], config: MsSqlConfig): Place {
  const { schema, table } = parseTableName(name);
  if (schema !== undefined) return exactly({ schema, table }, instances);
  const schemas = [...new Set(instances.filter((one) => isSame(one.table, table)).map((one) => one.schema))];
  if (schemas.length === 0) throw notCaptured(name, config);
  if (schemas.length > 1 && !schemas.includes(DEFAULT_SCHEMA))
    throw wrong(`table ${name} is in several schemas: ${schemas.join(", ")}`);
  return exactly({ schema: schemas.length === 1 ? (schemas[0] ?? "") : DEFAULT_SCHEMA, table }, instances);
}

/** As the server spells it, when only upper and lower case differ. */
function exactly(wanted: Place, instances: readonly Place[]): Place {
  const has = instances.some((one) => one.schema === wanted.schema && one.table === wanted.table);
  const alike = instances.filter((one) => isSame(one.schema, wanted.schema) && isSame(one.table, wanted.table));
  const names = new Set(alike.map(({ schema, table }) => `${schema}.${table}`));
  const [only] = alike;
  return !has && only !== undefined && names.size === 1 ? { schema: only.schema, table: only.table } : wanted;
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function notEnabled({ database }: MsSqlConfig): CdcError {
  return new CdcError("CDC_MSSQL_NOT_ENABLED", `change data capture is off in database ${database}`, {
    hint: "Turn it on: `cdc init <task>`, or EXEC sys.sp_cdc_enable_db there.",
  });
}

function notCaptured(table: string, { database, user }: MsSqlConfig): CdcError {
  return new CdcError("CDC_SOURCE_NO_INSTANCE", `table ${table} isn't captured in database ${database}`, {
    hint: `Turn its capture on: \`cdc init <task>\`, or sys.sp_cdc_enable_table; and grant SELECT on it and on SCHEMA::cdc to ${user}, who sees no table else.`,
  });
}

function noSuchInstance(instance: string, table: string, own: readonly { readonly name: string }[]): CdcError {
  const names = own.map(({ name }) => name).join(", ");
  return new CdcError("CDC_SOURCE_NO_INSTANCE", `table ${table} has no capture instance ${instance}`, {
    hint: `It has ${names}. Leave capture_instance out, and the newest one that has everything is taken.`,
  });
}

function wrong(what: string): CdcError {
  return new CdcError("CDC_INPUT_TABLE", what, { hint: "Name it with its schema, once." });
}
