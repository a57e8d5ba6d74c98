import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { closePools } from "../databases/sqlserver/pool";
import { queryRows } from "../databases/sqlserver/run";
import { startServiceBusProcess, type ServiceBusProcess } from "../sandbox/servicebus/child";
import type { RemoteFeed, SqlServerProcess } from "../sandbox/sqlserver/child";
import type { Bench, Figures } from "./bench";
import { processSeconds } from "./processor-time";
import { serverConfig, startFedServer } from "./stream-tables";

const CHANGES = 200_000;
const WARM_UP = 20_000;
const ROWS = 20_000;
const CHANGES_PER_TRANSACTION = 10;
const DATABASE = "Shop";
const TABLES = ["Orders", "Persons", "Customers"];
const LOOK_MS = 20;
const PARTS = ["input", "relay", "output"] as const;

let folder = "";
let server: SqlServerProcess;
let feed: RemoteFeed;
let bus: ServiceBusProcess;
let task: ChildProcess;
let before: readonly number[] = [];
let expected = 0;

/**
 * A task that runs already gets many changes at once, until the queues have all of them. They were captured while its
 * input stood still: what it costs the stand-in to make them is not measured.
 */
export const bench: Bench = {
  name: `Task from SQL Server to Service Bus, ${CHANGES.toLocaleString("en")} changes of ${TABLES.length} tables`,
  runs: 3,
  variants: [
    {
      name: "cdc run <task>",
      work: { count: CHANGES, unit: "messages" },
      limit: { atLeastPerSecond: 20_000, atMostFigures: { "out of order": 0, duplicates: 0 } },
      prepare,
      run,
      figures,
    },
  ],
  tearDown: end,
};

async function prepare(): Promise<void> {
  await end();
  folder = mkdtempSync(join(tmpdir(), "cdc-bench-task-"));
  const filled = { database: DATABASE, tables: TABLES, rows: ROWS, changesPerTransaction: CHANGES_PER_TRANSACTION };
  ({ server, feed } = await startFedServer(filled));
  bus = await startServiceBusProcess();
  await bus.control("createQueue", "cdc_dead_letters", { requiresDuplicateDetection: true });
  for (const table of TABLES) {
    await bus.control("createQueue", queueOf(table), { requiresSession: true, requiresDuplicateDetection: true });
    await bus.control("record", queueOf(table));
  }
  writeFileSync(join(folder, "tasks.yaml"), JSON.stringify({ tasks: { chain: chain() } }));
  const args = [resolve("dist/cli/main.js"), "run", "chain", "-C", folder];
  task = spawn(process.execPath, args, { stdio: "ignore" });
  await feed.make(WARM_UP);
  await whenArrived(await captured());
  before = PARTS.map((part) => processSeconds(pidOf(part)));
  process.kill(pidOf("input"), "SIGSTOP");
  await feed.make(CHANGES);
  // Asked now: it keeps the stand-in from answering the input for a second or two.
  expected = await captured();
}

function chain() {
  const { host, port, user, password } = server;
  const input = { host, port, user, password, database: DATABASE, encrypt: false, tables: TABLES };
  return {
    input: { provider: "sqlserver", config: input },
    output: { provider: "servicebus", config: { connection_string: bus.connectionString } },
  };
}

async function run(): Promise<void> {
  process.kill(pidOf("input"), "SIGCONT");
  await whenArrived(expected);
}

async function figures(): Promise<Figures> {
  const used = PARTS.map((part, index) => processSeconds(pidOf(part)) - (before[index] ?? 0));
  const microseconds = used.map((seconds) => Math.round((seconds * 1e7) / CHANGES) / 10);
  const totals = await Promise.all(TABLES.map((table) => bus.control("totals", queueOf(table))));
  return {
    ...Object.fromEntries(
      PARTS.map((part, index) => [`µs of the ${part} a message`, microseconds[index] ?? Number.NaN]),
    ),
    "out of order": await outOfOrder(TABLES[0] ?? ""),
    duplicates: totals.reduce((sum, { duplicates }) => sum + duplicates, 0),
  };
}

/** Messages of a table that came behind a later one of their key. */
async function outOfOrder(table: string): Promise<number> {
  const last = new Map<string, string>();
  let wrong = 0;
  for (const { sessionId = "", body } of await bus.control("arrivals", queueOf(table))) {
    const [, position = ""] = /"Position":"(\w+)"/.exec(String(body)) ?? [];
    if (position <= (last.get(sessionId) ?? "")) wrong += 1;
    last.set(sessionId, position);
  }
  return wrong;
}

/** Changes that were captured: an update that changes nothing is none. */
async function captured(): Promise<number> {
  let count = 0;
  for (const table of TABLES) {
    const statement = `SELECT COUNT(*) AS n FROM cdc.dbo_${table}_CT WHERE __$operation <> 3`;
    const [row] = await queryRows(serverConfig(server, DATABASE), statement);
    count += Number(row?.["n"]);
  }
  return count;
}

/** Waits until the queues have so many messages. */
async function whenArrived(count: number): Promise<void> {
  for (;;) {
    const totals = await Promise.all(TABLES.map((table) => bus.control("totals", queueOf(table))));
    if (totals.reduce((sum, { accepted }) => sum + accepted, 0) >= count) return;
    if (task.exitCode !== null) throw new Error(`cdc run ended with ${task.exitCode}`);
    await delay(LOOK_MS);
  }
}

function pidOf(part: (typeof PARTS)[number]): number {
  if (part === "relay") return task.pid ?? 0;
  const record = JSON.parse(readFileSync(join(folder, ".cdc", "tasks", "chain", "run.json"), "utf8")) as {
    providers: Record<string, { process?: { pid: number } }>;
  };
  return record.providers[part]?.process?.pid ?? 0;
}

function queueOf(table: string): string {
  return `${table}_cdc_events`;
}

async function end(): Promise<void> {
  if (folder === "") return;
  const ended = new Promise((done) => task.once("exit", done));
  task.kill("SIGTERM");
  if (task.exitCode === null) await ended;
  closePools();
  await bus.stop();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
  folder = "";
}
