import { join } from "node:path";
import type { Client } from "pg";
import type { MsSqlConfig } from "../databases/sqlserver/config";
import { closePools } from "../databases/sqlserver/pool";
import { queryRows } from "../databases/sqlserver/run";
import { NO_LSN, type Lsn } from "../model/lsn";
import { shapeOf, type TableShape } from "../model/table-shape";
import { mapType } from "../model/type-mapping";
import { startSqlServerProcess, type SqlServerProcess } from "../sandbox/sqlserver/child";
import type { SnapshotContext } from "../stream/run/snapshot-context";
import { Session } from "../stream/sinks/session";
import { snapshotTable } from "../stream/snapshot/snapshot-table";
import { CaptureReader } from "../stream/sources/capture-reader";
import { verify } from "../stream/verify/verify";
import { deployTables } from "../test/harness/deploy-tables";
import { column, sinkTable } from "../test/harness/sink-model";
import type { Bench, BenchContext, Figures } from "./bench";
import { Cores } from "./cores";

const ROWS = 600_000;
const DATABASE = "bench_snapshot";
const WORK = { count: ROWS, unit: "rows" };
const TYPES = [
  ...["int", "bigint", "char(8)", "nvarchar(20)", "decimal(19,4)", "money", "smallint", "bit", "uniqueidentifier"],
  ...["datetime2(7)", "datetime", "date", "varchar(40)", "float"],
];
const TABLE = sinkTable("bench", "Visit", {
  columns: TYPES.map((type, index) => column(`c${String(index)}`, mapType(type).type, { nullable: index > 0 })),
  key: ["c0"],
});
const SOURCE = { connection: "source:bench:main", database: "Clinic", tenants: [] };

let server: SqlServerProcess;
let config: MsSqlConfig;
let client: Client;
let chunks = 0;
let cores: Cores;
let used: Figures = {};
let file = "";

/** From a table to the sink's, over TLS, the stand-in in a process of its own. */
export const bench: Bench = {
  name: `Snapshot of ${ROWS.toLocaleString("en")} rows of 14 columns, from the SQL Server stand-in`,
  runs: 3,
  async setUp() {
    server = await startSqlServerProcess({ databases: [SOURCE.database] });
    const { host, port, user, password } = server;
    config = { host, port, user, password, database: SOURCE.database, trustServerCertificate: true };
    const columns = TYPES.map(
      (type, index) => `c${String(index)} ${type} NOT NULL${index === 0 ? " PRIMARY KEY" : ""}`,
    );
    await queryRows(config, `CREATE TABLE dbo.Visit (${columns.join(", ")})`);
    await server.control("fill", SOURCE.database, "dbo", "Visit", { count: ROWS });
    await queryRows(config, "EXEC sys.sp_cdc_enable_db");
    const names = "@source_schema = N'dbo', @source_name = N'Visit', @role_name = NULL, @supports_net_changes = 0";
    await queryRows(config, `EXEC sys.sp_cdc_enable_table ${names}`);
  },
  async tearDown() {
    closePools();
    await server.stop();
  },
  variants: [
    {
      name: "straight into the empty table",
      work: WORK,
      limit: { atLeastPerSecond: 200_000 },
      prepare,
      run: (context) => copy(context, "rows"),
      figures,
    },
    {
      name: "PostgreSQL alone: COPY of the same rows from a file",
      work: WORK,
      prepare: async (context) => {
        await prepare(context);
        await copy(context, "rows");
        file = join(context.postgres.dataDirectory, "rows.copy");
        await client.query(`COPY bench."Visit" TO '${file}'`);
        await client.query(`TRUNCATE bench."Visit"`);
        await client.query("CHECKPOINT");
      },
      run: async () => {
        await client.query(`COPY bench."Visit" FROM '${file}'`);
      },
    },
    { name: "through staging and merge", work: WORK, prepare, run: (context) => copy(context, "columns"), figures },
    {
      name: "verify: the same rows, compared",
      work: WORK,
      prepare: async (context) => {
        await prepare(context);
        await copy(context, "rows");
        await client.query("VACUUM ANALYZE");
      },
      run: compare,
    },
  ],
};

async function prepare(context: BenchContext): Promise<void> {
  await context.emptyDatabase(DATABASE);
  client = await context.connect(DATABASE);
  await deployTables({ config: { database: DATABASE }, query: client.query.bind(client) }, [TABLE]);
  await client.query("CHECKPOINT");
  cores = await Cores.begin({ server, postgres: context.postgres });
}

/** @param phase `columns` is the same work, but never straight into the table. */
async function copy({ postgres }: BenchContext, phase: "rows" | "columns"): Promise<void> {
  const { host, port, user, password } = postgres;
  const sink = { host, port, user, password, database: DATABASE };
  const { instances } = await new CaptureReader(config, SOURCE).poll(NO_LSN, undefined, 1);
  const [instance] = instances;
  if (instance === undefined) throw new Error("the table is not captured");
  const session = new Session(sink);
  let rows = 0;
  chunks = 0;
  const write: SnapshotContext["write"] = (work) =>
    session.run("bench", async (connection) => {
      await connection.query("BEGIN; SAVEPOINT cdc_copy");
      const value = await work(connection, () => Promise.resolve());
      await connection.query("COMMIT");
      return value;
    });
  const context: SnapshotContext = {
    source: { ...SOURCE, tables: [] },
    sourceName: "main/Clinic",
    config,
    sink,
    pipeline: "stream",
    shape: shape(),
    instance,
    signal: new AbortController().signal,
    write,
    step: () => Promise.resolve(),
    moved: (moved) => {
      rows += moved;
      chunks += 1;
    },
    event: () => undefined,
  };
  const all = phase === "columns" ? { columns: ["c0"] } : {};
  await snapshotTable(context, { joinedAt: "0".repeat(20) as Lsn, phase, rows: 0, deleted: 0, ...all });
  await session.close();
  used = await cores.used();
  if (rows !== ROWS) throw new Error(`${String(rows)} rows were copied`);
}

async function compare({ postgres }: BenchContext): Promise<void> {
  const { host, port, user, password } = postgres;
  const { equal } = await verify({
    pipeline: "stream",
    topology: {
      sources: [{ ...SOURCE, tables: [{ schema: "dbo", table: "Visit", snapshot: "initial", ownInstances: [] }] }],
    },
    sourceConfig: () => config,
    serverName: () => "main",
    sink: { host, port, user, password, database: DATABASE },
  });
  if (!equal) throw new Error("source and sink differ");
}

function shape(): TableShape {
  return { ...shapeOf(TABLE), source: { database: SOURCE.database, schema: "dbo", table: "Visit" } };
}

async function figures(): Promise<Figures> {
  const { rows } = await client.query<{ bytes: string }>(`SELECT pg_relation_size('bench."Visit"') AS bytes`);
  return { "B of the sink per row": Math.round(Number(rows[0]?.bytes) / ROWS), chunks, ...used };
}
