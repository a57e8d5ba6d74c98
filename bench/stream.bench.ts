import type { Client } from "pg";
import type { MsSqlConfig } from "../databases/sqlserver/config";
import { closePools } from "../databases/sqlserver/pool";
import { queryRows } from "../databases/sqlserver/run";
import { mapType } from "../model/type-mapping";
import type { SourceTopology } from "../model/topology";
import { startSqlServerProcess, type RemoteFeed, type SqlServerProcess } from "../sandbox/sqlserver/child";
import type { StreamOptions } from "../stream/run/options";
import { Stream } from "../stream/run/stream";
import { deployTables } from "../test/harness/deploy-tables";
import { column, sinkTable } from "../test/harness/sink-model";
import type { Bench, BenchContext } from "./bench";

const CHANGES = 500_000;
const DATABASE = "Clinic";
const SINK = "bench_stream";
const TYPES = [
  ...["int", "bigint", "char(8)", "nvarchar(20)", "decimal(19,4)", "money", "smallint", "bit", "uniqueidentifier"],
  ...["datetime2(7)", "datetime", "date", "varchar(40)", "float"],
];
const TABLES = ["Visit", "Patient", "Invoice"];
const WORK = { count: CHANGES, unit: "changes" };

let server: SqlServerProcess;
let config: MsSqlConfig;
let feed: RemoteFeed;
let client: Client;

/** From change tables to merged tables, over TLS, the stand-in in a process of its own on the same machine. */
export const bench: Bench = {
  name: `Stream of ${CHANGES.toLocaleString("en")} changes of 3 tables with 14 columns, from the SQL Server stand-in`,
  runs: 3,
  async setUp() {
    server = await startSqlServerProcess({ databases: [DATABASE] });
    const { host, port, user, password } = server;
    config = { host, port, user, password, database: DATABASE, trustServerCertificate: true };
    await queryRows(config, "EXEC sys.sp_cdc_enable_db");
    for (const table of TABLES) await makeTable(table);
    const tables = TABLES.map((table) => `dbo.${table}`);
    feed = await server.feed("changes", DATABASE, { tables, changesPerTransaction: 10 });
  },
  async tearDown() {
    closePools();
    await server.stop();
  },
  variants: [
    {
      name: "a backlog, caught up",
      work: WORK,
      limit: { atLeastPerSecond: 80_000 },
      prepare,
      run: async (context) => {
        await new Stream(optionsOf(context, { once: true })).run();
      },
    },
  ],
};

async function makeTable(table: string): Promise<void> {
  const columns = TYPES.map((type, index) => `c${String(index)} ${type} NOT NULL${index === 0 ? " PRIMARY KEY" : ""}`);
  await queryRows(config, `CREATE TABLE dbo.${table} (${columns.join(", ")})`);
  const names = `@source_schema = N'dbo', @source_name = N'${table}', @role_name = NULL, @supports_net_changes = 0`;
  await queryRows(config, `EXEC sys.sp_cdc_enable_table ${names}`);
}

async function prepare(context: BenchContext): Promise<void> {
  await context.emptyDatabase(SINK);
  client = await context.connect(SINK);
  const tables = TABLES.map((name) =>
    sinkTable("bench", name, {
      columns: TYPES.map((type, index) => column(`c${String(index)}`, mapType(type).type, { nullable: index > 0 })),
      key: ["c0"],
    }),
  );
  await deployTables({ config: { database: SINK }, query: client.query.bind(client) }, tables);
  await new Stream(optionsOf(context, { once: true })).run();
  await server.control("cleanUp", DATABASE, 0);
  await feed.make(CHANGES);
  await client.query("CHECKPOINT");
}

function optionsOf({ postgres }: BenchContext, more: Partial<StreamOptions>): StreamOptions {
  const { host, port, user, password } = postgres;
  const source: SourceTopology = {
    connection: "source:bench:main",
    database: DATABASE,
    tenants: [],
    tables: TABLES.map((table) => ({ schema: "dbo", table, snapshot: "initial", ownInstances: [] })),
  };
  return {
    pipeline: "stream",
    topology: { sources: [source] },
    sourceConfig: () => config,
    serverName: () => "main",
    sink: { host, port, user, password, database: SINK },
    signal: new AbortController().signal,
    ...more,
  };
}
