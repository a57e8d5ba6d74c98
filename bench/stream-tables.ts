import type { Client } from "pg";
import type { PgConfig } from "../databases/postgres/config";
import type { MsSqlConfig } from "../databases/sqlserver/config";
import { queryRows } from "../databases/sqlserver/run";
import type { SinkTable } from "../model/sink";
import type { SourceTopology } from "../model/topology";
import { mapType } from "../model/type-mapping";
import { startSqlServerProcess, type RemoteFeed, type SqlServerProcess } from "../sandbox/sqlserver/child";
import { deployTables } from "../test/harness/deploy-tables";
import { column, sinkTable } from "../test/harness/sink-model";
import type { BenchContext } from "./bench";

/** Rows of about 200 B. */
const TYPES = [
  ...["int", "bigint", "char(8)", "nvarchar(20)", "decimal(19,4)", "money", "smallint", "bit", "uniqueidentifier"],
  ...["datetime2(7)", "datetime", "date", "varchar(40)", "float"],
];

/** Columns of every table with their types at the sink; the first one is the key. */
export const COLUMNS = TYPES.map((type, index) => ({ name: `c${String(index)}`, type: mapType(type).type }));

/** How to reach the stand-in from outside, with TLS. */
export function serverConfig({ host, port, user, password }: SqlServerProcess, database = "master"): MsSqlConfig {
  return { host, port, user, password, database, trustServerCertificate: true };
}

export function sinkConfig({ postgres }: BenchContext, database: string): PgConfig {
  const { host, port, user, password } = postgres;
  return { host, port, user, password, database };
}

/** Makes captured tables in a database that has none. */
export async function makeTables(config: MsSqlConfig, tables: readonly string[]): Promise<void> {
  await queryRows(config, "EXEC sys.sp_cdc_enable_db");
  const columns = TYPES.map((type, index) => `c${String(index)} ${type} NOT NULL${index === 0 ? " PRIMARY KEY" : ""}`);
  for (const table of tables) {
    await queryRows(config, `CREATE TABLE dbo.${table} (${columns.join(", ")})`);
    const names = `@source_schema = N'dbo', @source_name = N'${table}', @role_name = NULL, @supports_net_changes = 0`;
    await queryRows(config, `EXEC sys.sp_cdc_enable_table ${names}`);
  }
}

/** A source database whose tables hold rows and can be fed with changes. */
export interface FedSource {
  readonly database: string;
  readonly tables: readonly string[];
  readonly rows: number;
  readonly changesPerTransaction: number;
}

/** Starts the stand-in in a process of its own, with one such database. */
export async function startFedServer(source: FedSource): Promise<{ server: SqlServerProcess; feed: RemoteFeed }> {
  const { database, rows, changesPerTransaction } = source;
  const server = await startSqlServerProcess({ databases: [database] });
  await makeTables(serverConfig(server, database), source.tables);
  for (const table of source.tables) await server.control("fill", database, "dbo", table, { count: rows });
  const tables = source.tables.map((table) => `dbo.${table}`);
  const feed = await server.feed("changes", database, { tables, changesPerTransaction });
  return { server, feed };
}

/** The sink's tables of one source database. */
export function sinkTables(tables: readonly string[], database: string, schema = "bench"): SinkTable[] {
  return tables.map((table) =>
    sinkTable(schema, table, {
      columns: COLUMNS.map(({ name, type }, index) => column(name, type, { nullable: index > 0 })),
      key: ["c0"],
      source: { database, schema: "dbo", table },
    }),
  );
}

/** An empty database with these tables. */
export async function deploySink(context: BenchContext, database: string, tables: readonly SinkTable[]) {
  await context.emptyDatabase(database);
  const client: Client = await context.connect(database);
  await deployTables({ config: { database }, query: client.query.bind(client) }, tables);
  return client;
}

export function sourceOf(database: string, tables: readonly string[]): SourceTopology {
  const streamed = tables.map((table) => ({
    schema: "dbo",
    table,
    snapshot: "initial" as const,
    ownInstances: [],
  }));
  return { connection: "source:bench:main", database, tenants: [], tables: streamed };
}
