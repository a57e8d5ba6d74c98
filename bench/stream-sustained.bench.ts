import type { Client } from "pg";
import { closePools } from "../databases/sqlserver/pool";
import { queryRows } from "../databases/sqlserver/run";
import type { RemoteFeed, SqlServerProcess } from "../sandbox/sqlserver/child";
import type { Bench, BenchContext, Figures } from "./bench";
import { median } from "./measure";
import { Cores } from "./cores";
import { pause, sinkState, whenArrived, whenStreaming, type SinkState } from "./sink-state";
import { startStream, type StreamChild } from "./stream-child";
import { deploySink, serverConfig, sinkConfig, sinkTables, sourceOf, startFedServer } from "./stream-tables";

/** A little more than what is asked for, so that a pause must be made up for. */
const PER_SECOND = 82_000;
const SECONDS = 120;
const WARM_UP_SECONDS = 5;
const ROWS = 100_000;
const CHANGES_PER_TRANSACTION = 10;
const DATABASE = "Clinic";
const SINK = "bench_stream";
const TABLES = ["Visit", "Patient", "Invoice"];
/** Change rows that the stand-in keeps: it has them in memory. A stream that is further behind than half of that is waited for. */
const RETENTION_SECONDS = 4;

let server: SqlServerProcess;
let feed: RemoteFeed;
let client: Client;
let stream: StreamChild;
let cores: Cores;
let samples: SinkState[] = [];

/** Changes come as fast as asked for over minutes; the stream must keep up. */
export const bench: Bench = {
  name: `Changes that come for ${SECONDS} s, ${TABLES.length} tables x ${ROWS.toLocaleString("en")} rows`,
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
      get work() {
        return { count: (samples.at(-1)?.events ?? 0) - (samples[0]?.events ?? 0), unit: "changes" };
      },
      limit: { atLeastPerSecond: 80_000, atMostFigures: { "s of lag more at the end": 1, "rows that differ": 0 } },
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
  await pause(WARM_UP_SECONDS * 1000);
  cores = await Cores.begin({ server, stream, postgres: context.postgres });
}

/** Looks at the sink every second. */
async function run(): Promise<void> {
  samples = [await sinkState(client)];
  const end = performance.now() + SECONDS * 1000;
  for (let left = end - performance.now(); left > 0; left = end - performance.now()) {
    await pause(Math.min(1000, left));
    const sample = await sinkState(client);
    samples.push(sample);
    if (sample.lagSeconds < RETENTION_SECONDS / 2) await server.control("cleanUp", DATABASE, RETENTION_SECONDS / 60);
  }
}

async function figures(): Promise<Figures> {
  const used = await cores.used();
  await feed.rate(0);
  const { transactions } = await feed.make(CHANGES_PER_TRANSACTION);
  await whenArrived(client, transactions);
  const differing = await differingRows();
  await stream.stop();
  const lags = samples.map(({ lagSeconds }) => lagSeconds);
  const [first, last] = [median(lags.slice(0, 30)), median(lags.slice(-30))];
  return {
    "s of lag in the first half minute": first,
    "s of lag in the last": last,
    "s of lag at most": Math.max(...lags),
    "s of lag more at the end": Math.max(0, last - first),
    "rows that differ": differing,
    ...used,
  };
}

/** Keys of the sink that the source hasn't got, and the other way round, are seen by their count and sum. */
async function differingRows(): Promise<number> {
  let differing = 0;
  for (const table of TABLES) {
    const sums = `SELECT COUNT(*) AS rows, SUM(CAST(c0 AS bigint)) AS keys, SUM(CAST(c6 AS bigint)) AS numbers FROM`;
    const [source] = await queryRows(serverConfig(server, DATABASE), `${sums} dbo.${table}`);
    const { rows } = await client.query<Record<string, string>>(`${sums} bench."${table}"`);
    const isSame =
      JSON.stringify(Object.values(source ?? {}).map(String)) ===
      JSON.stringify(Object.values(rows[0] ?? {}).map(String));
    if (!isSame) differing += 1 + Math.abs(Number(source?.["rows"]) - Number(rows[0]?.["rows"]));
  }
  return differing;
}
