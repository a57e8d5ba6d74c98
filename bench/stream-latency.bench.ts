import type { Client } from "pg";
import { closePools } from "../databases/sqlserver/pool";
import { queryRows } from "../databases/sqlserver/run";
import type { RemoteFeed, SqlServerProcess } from "../sandbox/sqlserver/child";
import type { Bench, BenchContext, Figures } from "./bench";
import { Cores } from "./cores";
import { pause, whenArrived, whenStreaming } from "./sink-state";
import { startStream, type StreamChild } from "./stream-child";
import { deploySink, serverConfig, sinkConfig, sinkTables, sourceOf, startFedServer } from "./stream-tables";

const PER_SECOND = 1_000;
const SECONDS = 20;
const WARM_UP_MS = 4_000;
const ROWS = 100_000;
const CHANGES_PER_TRANSACTION = 2;
const DATABASE = "Clinic";
const SINK = "bench_latency";
const TABLES = ["Visit", "Patient", "Invoice"];
/** Pause between two looks at the sink: what is found is at most that much older, and a look's own time. */
const LOOK_MS = 1;
const POSITION = "SELECT encode(position, 'hex') AS position FROM cdc_management.sources";
const COMMITS =
  "SELECT start_lsn, CONVERT(nvarchar(23), tran_end_time, 121) AS time FROM cdc.lsn_time_mapping ORDER BY 1";

/** That everything up to a position could be seen in the sink at a moment, in milliseconds since 1970. */
interface Look {
  readonly position: string;
  readonly at: number;
}

let server: SqlServerProcess;
let feed: RemoteFeed;
let client: Client;
let stream: StreamChild;
let cores: Cores;
let looks: Look[] = [];

/** From the moment at which a change can be read in the change table to that at which it can be read in the sink. */
export const bench: Bench = {
  name: `Latency of changes, ${TABLES.length} tables x ${ROWS.toLocaleString("en")} rows`,
  runs: 1,
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
      name: `cdc run at ${PER_SECOND.toLocaleString("en")} changes/s`,
      limit: { atMostFigures: { "ms p50": 50, "ms p99": 250 } },
      prepare,
      run,
      figures,
    },
  ],
};

async function prepare(context: BenchContext): Promise<void> {
  client = await deploySink(context, SINK, sinkTables(TABLES, DATABASE));
  const topology = { sources: [sourceOf(DATABASE, TABLES)] };
  stream = startStream({ server: serverConfig(server), options: { topology, sink: sinkConfig(context, SINK) } });
  await whenStreaming(stream);
  await feed.rate(PER_SECOND);
  await pause(WARM_UP_MS);
  cores = await Cores.begin({ server, stream, postgres: context.postgres });
}

/** Looks at the position in the sink all the time; it is committed together with the rows. */
async function run(): Promise<void> {
  looks = [];
  for (const end = Date.now() + SECONDS * 1000; Date.now() < end; await pause(LOOK_MS)) {
    const { rows } = await client.query<{ position: string }>(POSITION);
    const { position = "" } = rows[0] ?? {};
    if (position !== looks.at(-1)?.position) looks.push({ position, at: Date.now() });
  }
}

async function figures(): Promise<Figures> {
  const used = await cores.used();
  const { transactions } = await feed.rate(0);
  await whenArrived(client, transactions);
  const sorted = (await latencies()).sort((a, b) => a - b);
  await stream.stop();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  const found = { "ms p50": at(0.5), "ms p99": at(0.99), "ms at most": at(1), commits: looks.length };
  return { ...found, transactions: sorted.length, ...used };
}

/** Of every transaction, in milliseconds: the stand-in's commit, which is when it is in the change table, to our look. */
async function latencies(): Promise<number[]> {
  const commits = await queryRows(serverConfig(server, DATABASE), COMMITS);
  const found: number[] = [];
  let next = 1;
  for (const { start_lsn: lsn, time } of commits) {
    const position = (lsn ?? "").slice(2).toLowerCase();
    if (position <= (looks[0]?.position ?? "")) continue;
    while (next < looks.length && (looks[next]?.position ?? "") < position) next += 1;
    const look = looks[next];
    if (look === undefined) break;
    found.push(look.at - Date.parse(`${(time ?? "").replace(" ", "T")}Z`));
  }
  return found;
}
