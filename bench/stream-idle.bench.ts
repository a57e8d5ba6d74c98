import { closePools } from "../databases/sqlserver/pool";
import { startSqlServerProcess, type SqlServerProcess } from "../sandbox/sqlserver/child";
import type { Bench, BenchContext, Figures } from "./bench";
import { Cores } from "./cores";
import { pause, whenStreaming } from "./sink-state";
import { startStream, type StreamChild } from "./stream-child";
import type { StreamReport } from "./stream-process";
import { deploySink, makeTables, serverConfig, sinkConfig, sinkTables, sourceOf } from "./stream-tables";

const SECONDS = 60;
const DATABASES = Array.from({ length: 26 }, (_, index) => `Customer${String(index + 1)}`);
const TABLES = Array.from({ length: 39 }, (_, index) => `Table${String(index + 1)}`);
const SINK = "bench_idle";
const MEGABYTE = 1024 * 1024;

let server: SqlServerProcess;
let stream: StreamChild;
let cores: Cores;
let before: { readonly report: StreamReport; readonly requests: number };
let after: typeof before;
let peak = 0;

/** Nothing happens at many databases, and that should cost nearly nothing. */
export const bench: Bench = {
  name: `${DATABASES.length} idle databases x ${TABLES.length} tables for ${SECONDS} s`,
  runs: 1,
  async setUp() {
    server = await startSqlServerProcess({ databases: DATABASES });
    for (const database of DATABASES) await makeTables(serverConfig(server, database), TABLES);
    closePools();
  },
  async tearDown() {
    await server.stop();
  },
  variants: [
    {
      name: "cdc run",
      limit: { atMostFigures: { "MB at most": 300, "requests per database and look": 1 } },
      prepare,
      run,
      figures,
    },
  ],
};

async function prepare(context: BenchContext): Promise<void> {
  const tables = DATABASES.flatMap((database) => sinkTables(TABLES, database, database.toLowerCase()));
  await deploySink(context, SINK, tables);
  const sources = DATABASES.map((database) => sourceOf(database, TABLES));
  stream = startStream({
    server: serverConfig(server),
    options: { topology: { sources }, sink: sinkConfig(context, SINK) },
  });
  await whenStreaming(stream);
  // Until the pauses between two looks have grown to their longest.
  await pause(10_000);
  cores = await Cores.begin({ server, stream, postgres: context.postgres });
}

async function run(): Promise<void> {
  before = await look();
  peak = before.report.rss;
  for (let second = 0; second < SECONDS; second += 1) {
    await pause(1000);
    peak = Math.max(peak, (await stream.report()).rss);
  }
  after = await look();
}

async function figures(): Promise<Figures> {
  const used = await cores.used();
  await stream.stop();
  const polls = after.report.polls - before.report.polls;
  return {
    "MB at most": peak / MEGABYTE,
    "MB while it began": before.report.maxRss / 1024,
    "requests per database and look": (after.requests - before.requests) / polls,
    "looks per database and second": polls / DATABASES.length / SECONDS,
    ...used,
  };
}

async function look(): Promise<typeof before> {
  const [report, { requests }] = await Promise.all([stream.report(), server.usage()]);
  return { report, requests };
}
