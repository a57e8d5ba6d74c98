import { readCaptureState, readTables } from "../../../databases/sqlserver/capture-state";
import type { MsSqlConfig } from "../../../databases/sqlserver/config";
import { CdcError } from "../../../lib/errors";
import type { SnapshotMode } from "../../../model/topology";
import type { FollowedTable } from "../../../stream/follow/options";
import type { TableConfig } from "./config";
import { namedTables } from "./named-tables";

/**
 * Finds the tables in the database as it is captured.
 * @throws CdcError `CDC_MSSQL_NOT_ENABLED`, `CDC_SOURCE_NO_INSTANCE`, else as {@link namedTables} and the server tell.
 */
export async function findTables(
  config: MsSqlConfig,
  tables: readonly TableConfig[],
  mode: SnapshotMode,
): Promise<FollowedTable[]> {
  const { enabled, instances } = await readCaptureState(config);
  if (!enabled) throw notEnabled(config);
  const names = tables.map(({ name }) => name);
  const places = namedTables(names, await readTables(config), config);
  return tables.map(({ capture_instance: instance, columns, snapshot = mode }, index): FollowedTable => {
    const { schema = "", table = "" } = places[index] ?? {};
    const own = instances.filter((one) => one.schema === schema && one.table === table);
    if (own.length === 0) throw notCaptured(`${schema}.${table}`, config);
    if (instance !== undefined && !own.some((one) => one.name === instance))
      throw noSuchInstance(instance, `${schema}.${table}`, own);
    const chosen = { ...(instance === undefined ? {} : { instance }), ...(columns === undefined ? {} : { columns }) };
    return { schema, table, snapshot, ...chosen };
  });
}

function notEnabled({ database }: MsSqlConfig): CdcError {
  return new CdcError("CDC_MSSQL_NOT_ENABLED", `change data capture is off in database ${database}`, {
    hint: "Turn it on: `cdc init <task>`, or EXEC sys.sp_cdc_enable_db there.",
  });
}

function notCaptured(table: string, { database, user }: MsSqlConfig): CdcError {
  return new CdcError("CDC_SOURCE_NO_INSTANCE", `table ${table} isn't captured in database ${database}`, {
    hint: `Turn its capture on: \`cdc init <task>\`, or sys.sp_cdc_enable_table; and grant SELECT on SCHEMA::cdc to ${user}.`,
  });
}

function noSuchInstance(instance: string, table: string, own: readonly { readonly name: string }[]): CdcError {
  const names = own.map(({ name }) => name).join(", ");
  return new CdcError("CDC_SOURCE_NO_INSTANCE", `table ${table} has no capture instance ${instance}`, {
    hint: `It has ${names}. Leave capture_instance out, and the newest one that has everything is taken.`,
  });
}
