import {
  AGENT_STATE,
  DATABASE_STATE,
  INSTANCE_START,
  INSTANCES,
  TABLE_COLUMNS,
  TABLE_NAMES,
} from "../../sql/sqlserver/instance-statements";
import type { SourceInstance } from "../../sql/plans/source-table";
import type { MsSqlConfig } from "./config";
import { queryRows, type TextRow } from "./run";

/** What change data capture is like in one database. */
export interface CaptureState {
  readonly enabled: boolean;
  /** Oldest first. */
  readonly instances: readonly SourceInstance[];
}

/** A column of a source table. */
export interface TableColumn {
  readonly name: string;
  readonly computed: boolean;
}

/**
 * The whole capture of a database in two questions.
 * @throws CdcError when it can't be asked.
 */
export async function readCaptureState(config: MsSqlConfig): Promise<CaptureState> {
  const [database] = await queryRows(config, DATABASE_STATE);
  if (!isTrue(database?.["is_cdc_enabled"])) return { enabled: false, instances: [] };
  return { enabled: true, instances: instancesOf(await queryRows(config, INSTANCES)) };
}

/** Columns of a table; none when it isn't there. */
export async function readTableColumns(config: MsSqlConfig, schema: string, table: string): Promise<TableColumn[]> {
  const parameters = [
    { name: "schema", type: "nvarchar", value: schema },
    { name: "table", type: "nvarchar", value: table },
  ] as const;
  const rows = await queryRows(config, TABLE_COLUMNS, parameters);
  return rows.map(({ name, is_computed: computed }) => ({ name: name ?? "", computed: isTrue(computed) }));
}

/** All tables that the login may see. */
export async function readTables(config: MsSqlConfig): Promise<{ readonly schema: string; readonly table: string }[]> {
  const rows = await queryRows(config, TABLE_NAMES);
  return rows.map((row) => ({ schema: row["schema_name"] ?? "", table: row["table_name"] ?? "" }));
}

/** Names of all tables as `schema.table`. */
export async function readTableNames(config: MsSqlConfig): Promise<string[]> {
  return (await readTables(config)).map(({ schema, table }) => `${schema}.${table}`);
}

/** True when the capture has run since the instance was made, so that it tells where its changes begin. */
export async function hasBegun(config: MsSqlConfig, instance: string): Promise<boolean> {
  const rows = await queryRows(config, INSTANCE_START, [{ name: "instance", type: "nvarchar", value: instance }]);
  return rows.some((row) => row["start_lsn"] !== null);
}

/** False when SQL Server's agent, which runs the capture, is known to be stopped. Never fails. */
export async function agentSeemsToRun(config: MsSqlConfig): Promise<boolean> {
  try {
    const rows = await queryRows(config, AGENT_STATE, [], { attempts: 1 });
    return rows.every((row) => row["status_desc"] === null || row["status_desc"] === "Running");
  } catch {
    // Who may not see the services, or has none, as in Azure SQL, can't be told.
    return true;
  }
}

function instancesOf(rows: readonly TextRow[]): SourceInstance[] {
  const byId = new Map<string, SourceInstance & { columns: string[] }>();
  for (const row of rows) {
    const id = row["object_id"] ?? "";
    const known = byId.get(id) ?? instanceOf(row);
    byId.set(id, known);
    const column = row["column_name"];
    if (column !== null && column !== undefined) known.columns.push(column);
  }
  return [...byId.values()].sort((one, other) => (one.order < other.order ? -1 : 1));
}

function instanceOf(row: TextRow): SourceInstance & { columns: string[] } {
  const role = row["role_name"];
  return {
    name: row["capture_instance"] ?? "",
    schema: row["source_schema"] ?? "",
    table: row["source_table"] ?? "",
    columns: [],
    netChanges: isTrue(row["supports_net_changes"]),
    dropPending: isTrue(row["has_drop_pending"]),
    ...(role === null || role === undefined ? {} : { role }),
    order: `${row["created"] ?? ""} ${(row["object_id"] ?? "").padStart(12, "0")}`,
  };
}

function isTrue(text: string | null | undefined): boolean {
  return text === "1" || text === "true";
}
