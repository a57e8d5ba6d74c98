import type { Client } from "pg";
import { closePools } from "../databases/sqlserver/pool";
import type { RemoteFeed, SqlServerProcess } from "../sandbox/sqlserver/child";
import type { Bench, BenchContext } from "./bench";
import { copyForScript, runScript } from "./rivals/stream-script";
import { cpuSeconds, startStream } from "./stream-child";
import type { StreamOrder } from "./stream-process";
import { deploySink, serverConfig, sinkConfig, sinkTables, sourceOf, startFedServer } from "./stream-tables";

const CHANGES = 500_000;
const ROWS = 100_000;
const CHANGES_PER_TRANSACTION = 10;
const DATABASE = "Clinic";
const SINK = "bench_stream";
const TABLES = ["Visit", "Patient", "Invoice"];
const WORK = { count: CHANGES, unit: "changes" };

let server: SqlServerProcess;
let feed: RemoteFeed;
let client: Client;
let used = 0;

/** A backlog of change tables into merged tables, over TLS; stand-in and stream each in a process of its own. */
export const bench: Bench = {
  name: `Backlog of ${CHANGES.toLocaleString("en")} changes of ${TABLES.length} tables x ${ROWS.toLocaleString("en")} rows, from the SQL Server stand-in`,
  runs: 2,
  async setUp() {
    const filled = { database: DATABASE, tables: TABLES, rows: ROWS, changesPerTransaction: CHANGES_PER_TRANSACTION };
    ({ server, feed } = await startFedServer(filled));
  },
  async tearDown() {
    closePools();
    await server.stop();
  },
  variants: [
    {
      name: "by hand: tedious, INSERT ... ON CONFLICT",
      work: WORK,
      prepare: async (context) => {
        await copySource(context);
        await copyForScript(client, TABLES);
        await makeBacklog();
      },
      run: () => runScript(serverConfig(server, DATABASE), client, TABLES),
    },
    {
      name: "cdc run",
      work: WORK,
      limit: { atLeastPerSecond: 80_000 },
      prepare: async (context) => {
        await copySource(context);
        await makeBacklog();
      },
      run: async (context) => {
        const stream = startStream(orderOf(context));
        used = cpuSeconds({ cpu: { user: 0, system: 0 } }, await stream.ended);
      },
      figures: () => Promise.resolve({ "s of processor in cdc run": used }),
    },
  ],
};

/** A sink that has what the source has. */
async function copySource(context: BenchContext): Promise<void> {
  client = await deploySink(context, SINK, sinkTables(TABLES, DATABASE));
  await startStream(orderOf(context)).ended;
}

async function makeBacklog(): Promise<void> {
  await server.control("cleanUp", DATABASE, 0);
  await feed.make(CHANGES);
  await client.query("CHECKPOINT");
}

function orderOf(context: BenchContext): StreamOrder {
  const topology = { sources: [sourceOf(DATABASE, TABLES)] };
  return { server: serverConfig(server), options: { topology, sink: sinkConfig(context, SINK), once: true } };
}
