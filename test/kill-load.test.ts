import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { closePools } from "../databases/postgres/pool";
import type { Envelope } from "../model/envelope";
import { createTestDatabase, type TestDatabase } from "./harness/database";
import { deployTables } from "./harness/deploy-tables";
import { sinkTable } from "./harness/sink-model";

const EVENTS = 12_000;
const KEYS = 700;
const BATCH_ROWS = 1_000;
/** Steps of a transaction: begun, copied, merged, checkpointed, committed. */
const STEPS = 5;
const POINTS_BY_STEP = [1, 2, 3, 4, 5, 2 * STEPS + 2, 3 * STEPS + 3, 4 * STEPS + 4, 5 * STEPS + 5, 11 * STEPS + 4];
const POINTS_BY_TIME = Array.from({ length: 10 }, (_, index) => (index + 0.5) / 10);

let database: TestDatabase;
let directory: string;
let file: string;
let undisturbedMs: number;

beforeAll(async () => {
  database = await createTestDatabase();
  await deployTables(database, [sinkTable("s", "T")]);
  directory = mkdtempSync(join(tmpdir(), "cdc-kill-load-"));
  file = join(directory, "events.ndjson");
  writeFileSync(file, Array.from({ length: EVENTS }, (_, n) => `${JSON.stringify(event(n + 1))}\n`).join(""));
  const started = performance.now();
  await child({});
  undisturbedMs = performance.now() - started;
  await checkPrefix(EVENTS);
});

afterAll(async () => {
  rmSync(directory, { recursive: true });
  await closePools();
  await database.drop();
});

function lsnOf(n: number): string {
  return n.toString(16).padStart(20, "0");
}

/** The n-th event: three writes of a key in turn, every seventh round a delete. */
function event(n: number): Envelope {
  const Id = n % KEYS;
  const round = Math.floor(n / KEYS);
  const metadata = {
    TableName: "T",
    OperationType: round % 7 === 6 ? "Delete" : "Update",
    LSN: lsnOf(n),
    CommandId: 1,
  } as const;
  const data = round % 3 === 2 ? { Id, Name: `n${String(n)}` } : { Id, Name: `n${String(n)}`, Amount: String(n) };
  return { data, metadata };
}

/** The rows after the first events. */
function rowsAfter(count: number): string[] {
  const rows = new Map<number, { name: string; amount: string | null }>();
  for (let n = 1; n <= count; n += 1) {
    const { data, metadata } = event(n);
    const id = Number(data["Id"]);
    const amount = data["Amount"] === undefined ? (rows.get(id)?.amount ?? null) : `${String(data["Amount"])}.00`;
    if (metadata.OperationType === "Delete") rows.delete(id);
    else rows.set(id, { name: String(data["Name"]), amount });
  }
  return [...rows].sort(([a], [b]) => a - b).map(([id, { name, amount }]) => `${String(id)} ${name} ${String(amount)}`);
}

/** Runs the load as a process; `killAfterMs` counts from its first word. */
async function child({
  dieAtStep,
  killAfterMs,
}: {
  dieAtStep?: number;
  killAfterMs?: number;
}): Promise<{ killed: boolean; output: string }> {
  const settings = JSON.stringify({ config: database.config, file, batchRows: BATCH_ROWS, dieAtStep });
  const process_ = spawn(process.execPath, [join(__dirname, "processes", "load-child.cjs"), settings], {
    stdio: "pipe",
  });
  let output = "";
  process_.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  process_.stdout.on("data", (chunk: Buffer) => {
    if (output === "" && killAfterMs !== undefined) setTimeout(() => process_.kill("SIGKILL"), killAfterMs);
    output += chunk.toString();
  });
  const [code, signal] = (await once(process_, "close")) as [number | null, string | null];
  if (code !== 0 && signal === null) throw new Error(output);
  await backendsGone();
  return { killed: signal === "SIGKILL", output };
}

/** Sessions of a killed process end by themselves; what they had not committed is then undone. */
async function backendsGone(): Promise<void> {
  const others = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'pulumi-cdc'";
  while ((await database.query(others)).rows.length > 0) await sleep(5);
}

/** The table is the source after exactly so many events. */
async function checkPrefix(count: number): Promise<void> {
  const { rows } = await database.query<{ row: string }>(
    `SELECT concat_ws(' ', "Id", "Name", coalesce("Amount"::text, 'null')) AS row FROM s."T" ORDER BY "Id"`,
  );
  expect(rows.map(({ row }) => row)).toEqual(rowsAfter(count));
  expect((await database.query(`SELECT FROM s."stg_T"`)).rows).toEqual([]);
}

async function eventsAtCheckpoint(): Promise<number> {
  const { rows } = await database.query<{ lsn: string }>(
    "SELECT encode(substr(position, 1, 10), 'hex') AS lsn FROM cdc_management.checkpoints",
  );
  return rows[0] === undefined ? 0 : Number.parseInt(rows[0].lsn, 16);
}

const points: [string, () => { dieAtStep?: number; killAfterMs?: number }][] = [
  ...POINTS_BY_STEP.map((dieAtStep): (typeof points)[number] => [
    `at step ${String(dieAtStep)}`,
    () => ({ dieAtStep }),
  ]),
  ...POINTS_BY_TIME.map((part): (typeof points)[number] => [
    `after ${String(Math.round(part * 100))} % of its time`,
    () => ({ killAfterMs: part * undisturbedMs * 0.7 }),
  ]),
];

describe("a load killed with kill -9", () => {
  test.each(points)("%s leaves whole batches, and the next one ends as if nothing had been", async (_title, how) => {
    await database.query(`TRUNCATE s."T", s."stg_T", cdc_management.tombstones, cdc_management.checkpoints`);
    const settings = how();
    const { killed } = await child(settings);
    expect(killed || settings.dieAtStep === undefined).toBe(true);
    const done = await eventsAtCheckpoint();
    expect(done % BATCH_ROWS).toBe(0);
    await checkPrefix(done);
    await child({});
    expect(await eventsAtCheckpoint()).toBe(EVENTS);
    await checkPrefix(EVENTS);
  });
});
