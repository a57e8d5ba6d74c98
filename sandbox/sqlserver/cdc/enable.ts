import { SqlError, sqlError } from "../errors";
import type { Database } from "../storage/database";
import type { Table } from "../storage/table";
import type { Transaction } from "../storage/transaction";
import { ZERO_LSN } from "../storage/lsn";
import { LEADING, makeChangeTable, makeTimeMapping } from "./change-table";
import { CdcState, type CapturedColumn, type CaptureInstance, type JobSettings } from "./state";

/** Settings of a new database's jobs: those of sp_cdc_add_job. */
const JOBS: JobSettings = {
  maxTransactions: 500,
  maxScans: 10,
  continuous: true,
  pollingIntervalMs: 5000,
  retentionMinutes: 4320,
  threshold: 5000,
};

/** sp_cdc_enable_db. Throws 22989 and 22906; already on, it only says so (22905). */
export function enableDatabase(database: Database, pollingIntervalMs: number | undefined): SqlError | undefined {
  if (database.cdc) {
    return new SqlError(
      22905,
      10,
      1,
      `Database '${database.name}' is already enabled for Change Data Capture. Ensure that the correct database context is set, and retry the operation. To report on the databases enabled for Change Data Capture, query the is_cdc_enabled column in the sys.databases catalog view.`,
    );
  }
  if (database.isSystem) throw sqlError(22989, database.name);
  if (database.schema("cdc") || database.users.has("cdc")) throw sqlError(22906, database.name);
  database.users.set("cdc", { id: 5 + database.users.size, name: "cdc", role: false });
  const jobs = { ...JOBS, ...(pollingIntervalMs !== undefined && { pollingIntervalMs }) };
  database.cdc = new CdcState(makeTimeMapping(database), jobs);
  return undefined;
}

/** sp_cdc_disable_db: everything of CDC goes. */
export function disableDatabase(database: Database): void {
  if (!database.cdc) return;
  database.schemas.delete("cdc");
  database.users.delete("cdc");
  database.unread.length = 0;
  database.cdc = undefined;
}

/** What sp_cdc_enable_table asks for. */
export interface EnableRequest {
  readonly schema: string;
  readonly table: string;
  readonly role: string | null;
  readonly instance: string | null;
  /** Undefined leaves it to whether there is a key. */
  readonly netChanges: boolean | undefined;
  readonly index: string | null;
  readonly columns: readonly string[] | undefined;
  readonly filegroup: string | null;
}

/** sp_cdc_enable_table. Throws 22901, 22931 and the other errors of its checks. */
export function enableTable(
  database: Database,
  request: EnableRequest,
  transaction: Transaction | undefined,
): CaptureInstance {
  const cdc = requireCdc(database);
  if (request.schema.toLowerCase() === "cdc") throw sqlError(22974);
  const source = database.table(request.schema, request.table);
  if (!source || source.msShipped) throw sqlError(22931, `${request.schema}.${request.table}`);
  const name = request.instance ?? `${source.schema.name}_${source.name}`;
  checkName(cdc, source, name, request);
  const keys = keysOf(source, request);
  const supportsNetChanges = request.netChanges ?? keys !== undefined;
  if (supportsNetChanges && !keys) throw sqlError(22939);
  const columns = captured(source, request.columns);
  const names = new Set(columns.map((column) => column.name.toLowerCase()));
  if (supportsNetChanges && keys?.some((key) => !names.has(key.toLowerCase()))) throw sqlError(22943);
  const instance: CaptureInstance = {
    name,
    source,
    columns,
    changeTable: makeChangeTable(database, name, columns),
    supportsNetChanges,
    role: request.role,
    indexName: request.index ?? source.primaryKey?.shape.name ?? null,
    keyColumns: keys ?? [],
    filegroup: request.filegroup,
    createdAt: database.instance.now(),
    startLsn: database.log.next(),
  };
  cdc.instances.push(instance);
  transaction?.onUndo(() => {
    remove(cdc, instance);
  });
  return instance;
}

function requireCdc(database: Database): CdcState {
  if (!database.cdc) throw sqlError(22901, database.name);
  return database.cdc;
}

function checkName(cdc: CdcState, source: Table, name: string, request: EnableRequest): void {
  if (request.role === "") throw sqlError(22907);
  if (name.length > 100) throw sqlError(22927, name);
  if (cdc.instancesOf(source).length >= 2) throw sqlError(22962, source.schema.name, source.name);
  if (cdc.instance(name)) throw sqlError(22926, name);
}

function keysOf(source: Table, request: EnableRequest): string[] | undefined {
  const { index: wanted } = request;
  const index =
    wanted === null
      ? source.primaryKey
      : source.indexes.find(({ shape }) => shape.unique && shape.name.toLowerCase() === wanted.toLowerCase());
  if (wanted !== null && !index)
    throw new SqlError(
      22936,
      16,
      1,
      `The index '${wanted}' is not a unique index of the source table '${source.twoPartName}'.`,
    );
  return index?.shape.columns.map(({ column }) => column.name);
}

function captured(source: Table, wanted: readonly string[] | undefined): CapturedColumn[] {
  const chosen = wanted?.map((name) => {
    const column = source.column(name);
    if (!column) throw sqlError(22913, name, source.twoPartName);
    return column;
  });
  const ids = chosen && new Set(chosen.map(({ id }) => id));
  const columns = source.columns.filter(({ id }) => !ids || ids.has(id));
  const reserved: readonly string[] = [...LEADING, "__$command_id"];
  if (columns.some(({ name }) => reserved.includes(name))) throw sqlError(22975, source.twoPartName);
  return columns.map((column, i) => ({ ordinal: i + 1, columnId: column.id, name: column.name, column }));
}

/** sp_cdc_disable_table; `all` means every instance of the table. Throws 22901, 22985 and 22960. */
export function disableTable(
  database: Database,
  schema: string,
  name: string,
  instance: string,
  transaction: Transaction | undefined,
): void {
  const cdc = requireCdc(database);
  const source = database.table(schema, name);
  const own = source ? cdc.instancesOf(source) : [];
  if (own.length === 0) throw sqlError(22985, schema, name);
  const gone =
    instance.toLowerCase() === "all" ? own : own.filter((one) => one.name.toLowerCase() === instance.toLowerCase());
  if (gone.length === 0) throw sqlError(22960, instance, schema, name);
  for (const one of gone) dropInstance(cdc, one, transaction);
}

/** Takes an instance and its change table away; a rollback brings them back. */
export function dropInstance(cdc: CdcState, instance: CaptureInstance, transaction: Transaction | undefined): void {
  const { changeTable } = instance;
  remove(cdc, instance);
  transaction?.onUndo(() => {
    cdc.instances.push(instance);
    changeTable.schema.tables.set(changeTable.name.toLowerCase(), changeTable);
  });
}

function remove(cdc: CdcState, instance: CaptureInstance): void {
  const { changeTable } = instance;
  changeTable.schema.tables.delete(changeTable.name.toLowerCase());
  cdc.instances.splice(cdc.instances.indexOf(instance), 1);
}

/** The lowest LSN of an instance; zero when there is none of that name. */
export function minLsn(database: Database, instance: string): bigint {
  return database.cdc?.instance(instance)?.startLsn ?? ZERO_LSN;
}
