import { setTimeout as sleep } from "node:timers/promises";
import { failureKind } from "../../databases/sqlserver/errors";
import { closePools } from "../../databases/sqlserver/pool";
import { queryRows } from "../../databases/sqlserver/run";
import type { MsSqlConfig } from "../../databases/sqlserver/config";
import { startSqlServer, type RunningSqlServer } from "../../sandbox/sqlserver";
import type { SqlServerControl } from "../../sandbox/sqlserver/control";
import { SqlError } from "../../sandbox/sqlserver/errors";
import { ROW_TEXT, SOURCE_TABLES, TABLES, type TableName, type Tenant } from "./tables";

const DEADLOCK_VICTIM = 1205;
const QUESTIONS = 50;
const ASK_AGAIN_MS = 100;

/** A customer's database at the source. */
export interface TenantSource {
  readonly tenant: Tenant;
  readonly database: string;
  readonly config: MsSqlConfig;
  /** Number of the last transaction that was committed. */
  number: number;
  /** What the column `spare` of `items` is called now; undefined once it was dropped. */
  spare: string | undefined;
  /** Keys, as negative numbers, of rows that the sink must refuse. */
  readonly poisoned: { readonly table: TableName; readonly key: number }[];
  /** Rows of tables that can't be read on, as they were when that began. */
  readonly frozen: Map<TableName, readonly string[]>;
}

/** The stand-in of a lane: a new one for every run, so that no fault outlives its run. */
export class SourceSide {
  private running: RunningSqlServer | undefined;

  get server(): RunningSqlServer {
    if (this.running === undefined) throw new Error("the stand-in runs during a run only");
    return this.running;
  }

  get control(): SqlServerControl {
    return this.server.control;
  }

  /** Makes a database with captured tables for each of the customers. */
  async begin(tenants: readonly Tenant[], preload: number): Promise<readonly TenantSource[]> {
    await this.close();
    this.running = await startSqlServer({ pollingIntervalMs: 8, tls: false });
    const sources = tenants.map((tenant) => this.tenant(tenant));
    for (const source of sources) {
      await this.control.run("master", `CREATE DATABASE ${source.database}`);
      await this.run(source, SOURCE_TABLES);
      if (preload > 0) await this.run(source, preloaded(preload));
      await this.run(source, enableAll());
      this.captureAll(source);
    }
    return sources;
  }

  /** Runs it, again when it was chosen to fail where a stream's statement was meant. */
  async run(source: TenantSource, sql: string): Promise<void> {
    try {
      await this.control.run(source.database, sql);
    } catch (error) {
      if (!(error instanceof SqlError && error.number === DEADLOCK_VICTIM)) throw error;
      await this.run(source, sql);
    }
  }

  /** Captures all that is committed. */
  captureAll({ database }: TenantSource): void {
    while (this.control.capture(database) > 0);
  }

  /** The rows of a table as text, sorted. */
  async rows(source: TenantSource, table: TableName): Promise<string[]> {
    const select = `SELECT ${ROW_TEXT[table].source(source.spare)} FROM dbo.${table}`;
    const rows = await patiently(() => queryRows(source.config, select, [], { object: table }));
    return rows.map((row) => JSON.stringify(Object.values(row))).sort();
  }

  /** The transactions that are captured: LSN and number, in order; none while capture is off. */
  async log(source: TenantSource): Promise<{ readonly lsn: string; readonly number: number }[]> {
    const select =
      "IF OBJECT_ID(N'cdc.dbo_left_page_CT') IS NOT NULL SELECT LOWER(CONVERT(varchar(20), __$start_lsn, 2)) AS lsn, CONVERT(varchar(12), n) AS n FROM cdc.dbo_left_page_CT WHERE __$operation = 4 ORDER BY __$start_lsn";
    const rows = await queryRows(source.config, select);
    return rows.map((row) => ({ lsn: row["lsn"] ?? "", number: Number(row["n"]) }));
  }

  async close(): Promise<void> {
    closePools();
    await this.running?.stop();
    this.running = undefined;
  }

  private tenant(tenant: Tenant): TenantSource {
    const { host, port, user, password } = this.server;
    const database = `shop_${tenant}`;
    const config = { host, port, user, password, database, encrypt: false };
    return { tenant, database, config, number: 0, spare: "spare", poisoned: [], frozen: new Map() };
  }
}

/** What turns capture on for a database and all its tables. */
export function enableAll(): string {
  return ["EXEC sys.sp_cdc_enable_db", ...TABLES.map((table) => enable(table))].join("; ");
}

/** What turns the capture of a table on. */
export function enable(table: TableName, instance = `dbo_${table}`): string {
  return `EXEC sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'${table}', @capture_instance = N'${instance}', @role_name = NULL, @supports_net_changes = 0`;
}

/** The condition that there is an instance. */
export function isThere(instance: string): string {
  return `EXISTS (SELECT 1 FROM cdc.change_tables WHERE capture_instance = N'${instance}')`;
}

/** What turns an instance off, unless another fault has. */
export function disable(table: TableName, instance = `dbo_${table}`): string {
  return `IF ${isThere(instance)} EXEC sys.sp_cdc_disable_table @source_schema = N'dbo', @source_name = N'${table}', @capture_instance = N'${instance}'`;
}

function preloaded(count: number): string {
  const items = Array.from({ length: count }, (_, n) => `(${String(1000 + n)}, N'old ${String(n)}', ${String(n)}.25)`);
  const pairs = Array.from({ length: Math.ceil(count / 3) }, (_, n) => `(${String(100 + n)}, ${String(n)}, N'old')`);
  const insert = (into: string, rows: readonly string[]): string => `INSERT ${into} VALUES ${rows.join(", ")};`;
  return insert("dbo.items (id, name, amount)", items) + insert("dbo.pairs (x, y, v)", pairs);
}

/** Asks again when a fault of the network has cut the question off. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let left = QUESTIONS; ; left -= 1) {
    try {
      return await ask();
    } catch (error) {
      if (failureKind(error) !== "retry" || left <= 1) throw error;
      await sleep(ASK_AGAIN_MS);
    }
  }
}
