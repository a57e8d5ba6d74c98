import { closePools } from "../databases/postgres/pool";
import { runCdc, type CapturedRun } from "../test/harness/captured-io";
import { createTestDatabase, type TestDatabase } from "../test/harness/database";
import { Deployment } from "../test/harness/deployment";
import { usualColumns } from "../test/harness/yaml-project";
import type { StackStatus } from "./status";

let database: TestDatabase;
let deployment: Deployment;

beforeAll(async () => {
  database = await createTestDatabase();
  deployment = Deployment.make(database.config, { customers: ["north", "south"], tables: { Actor: usualColumns(2) } });
  await deployment.run("up");
});

afterAll(async () => {
  deployment.remove();
  await closePools();
  await database.drop();
});

const status = (...more: string[]): Promise<CapturedRun> =>
  runCdc(["status", ...more, "-C", deployment.directory, "--engine", "built-in"], { cwd: deployment.directory });

const statusJson = async (...more: string[]): Promise<{ code: number; found: StackStatus }> => {
  const { code, stdout } = await status("--json", ...more);
  return { code, found: JSON.parse(stdout) as StackStatus };
};

const lsn = (n: number) => n.toString(16).padStart(20, "0");

/** Writes what a stream would have written about its source. */
async function record(
  source: string,
  place: { position: number; seen: number; committed: string; looked?: string },
  problem?: object,
) {
  await database.query(
    `INSERT INTO cdc_management.sources (pipeline, source, position, commit_time, seen_lsn, seen_at, transactions, events, problem)
     VALUES ('stream', $1, decode($2, 'hex'), now() - $3::interval, decode($4, 'hex'), now() - $5::interval, 7, 70, $6)
     ON CONFLICT (pipeline, source) DO UPDATE SET position = excluded.position, commit_time = excluded.commit_time,
       seen_lsn = excluded.seen_lsn, seen_at = excluded.seen_at, problem = excluded.problem`,
    [
      source,
      lsn(place.position),
      place.committed,
      lsn(place.seen),
      place.looked ?? "1 s",
      problem === undefined ? null : JSON.stringify(problem),
    ],
  );
}

async function recordTable(
  schema: string,
  state: string,
  more: { snapshot?: object; problem?: object; position?: number } = {},
) {
  await database.query(
    `INSERT INTO cdc_management.source_tables (pipeline, source, schema_name, table_name, state, position, snapshot, problem, events)
     VALUES ('stream', $1, $2, 'Actor', $3, decode($4, 'hex'), $5, $6, 35)
     ON CONFLICT (pipeline, source, schema_name, table_name) DO UPDATE SET state = excluded.state,
       position = excluded.position, snapshot = excluded.snapshot, problem = excluded.problem`,
    [
      `main/Shop_${schema}`,
      schema,
      state,
      more.position === undefined ? null : lsn(more.position),
      more.snapshot === undefined ? null : JSON.stringify(more.snapshot),
      more.problem === undefined ? null : JSON.stringify(more.problem),
    ],
  );
}

test("before any stream has run, tables have no sources, and nothing is wrong", async () => {
  const { code, found } = await statusJson();
  expect(code).toBe(0);
  expect(found.sources).toEqual([]);
  expect(found.tables.map(({ streams }) => streams)).toEqual([[], []]);
  expect((await status()).stdout).not.toContain("SOURCE");
});

test("shows state, checkpoint, lag, source and reader of every table", async () => {
  await record("main/Shop_north", { position: 0x2a, seen: 0x2a, committed: "3 h" });
  await record("main/Shop_south", { position: 0x30, seen: 0x31, committed: "5 s" });
  await recordTable("north", "streaming");
  await recordTable("south", "snapshot", { snapshot: { phase: "rows", rows: 12_345, joinedAt: lsn(1), deleted: 0 } });
  await database.query(
    "SELECT cdc_management.acquire_lease('pipeline:stream:main/Shop_north', 'host:7', interval '1 minute')",
  );
  const { code, stdout } = await status();
  expect({ code, stdout }).toMatchObject({ code: 0 });
  const lines = stdout.split("\n").map((line) => line.replaceAll(/ {2,}/g, " | "));
  expect(lines).toEqual(
    expect.arrayContaining([
      "TABLE | SOURCE | STATE | ROWS MERGED | LAST MERGE | WAITING | DEAD | LAG | CHECKPOINT | PROBLEM",
      "north.Actor | main/Shop_north | streaming | 0 | never | 0 | 0 | 0 s | 0x0000000000000000002a",
      expect.stringMatching(
        /^south\.Actor \| main\/Shop_south \| snapshot, 12,345 rows \| 0 \| never \| 0 \| 0 \| [5-9]\.\d s \| 0x00000000000000000030$/,
      ),
      expect.stringMatching(/^main\/Shop_north \| stream \| 0x0{18}2a \| \d{4}-.*Z \| \d\.\d s ago \| 0 s \| host:7$/),
      expect.stringMatching(/^main\/Shop_south .* nobody$/),
      "stack dev: healthy · 2 tables",
    ]),
  );
});

test("a source that lags, or that nobody has looked at for long, is unhealthy", async () => {
  await record("main/Shop_south", { position: 0x30, seen: 0x31, committed: "5 min", looked: "4 min" });
  const { code, found } = await statusJson("--max-lag", "60");
  expect(code).toBe(3);
  expect(found.sources.map(({ problems }) => problems)).toEqual([
    [],
    ["lags 5 min", expect.stringMatching(/^last looked at 4 min ago, and no process reads it: start `cdc run`$/)],
  ]);
  expect((await statusJson("--max-lag", "600")).code).toBe(0);
});

test("a table that stands still is unhealthy, with the plan; the others are well", async () => {
  const problem = {
    code: "CDC_SOURCE_DRIFT",
    message: "column Name was dropped",
    hint: "Inspect with --save, then `cdc up`.",
  };
  await record("main/Shop_south", { position: 0x31, seen: 0x31, committed: "1 s" });
  await recordTable("south", "stopped", { problem, position: 0x29 });
  const { code, found } = await statusJson();
  expect(code).toBe(3);
  expect(found.tables.map(({ schema, problems }) => [schema, problems])).toEqual([
    ["north", []],
    ["south", ["stopped: column Name was dropped"]],
  ]);
  expect(found.tables[1]?.streams).toMatchObject([{ state: "stopped", position: lsn(0x29), problem }]);
  expect((await status()).stdout).toContain("hint: south.Actor: Inspect with --save, then `cdc up`.");
});

test("a source that fails is unhealthy", async () => {
  await recordTable("south", "streaming");
  await record(
    "main/Shop_south",
    { position: 0x31, seen: 0x31, committed: "1 s" },
    { code: "CDC_X", message: "cannot be reached" },
  );
  const { code, found } = await statusJson();
  expect([code, found.sources[1]?.problems]).toEqual([3, ["cannot be reached"]]);
});

test("a database that was deployed before there were streams is read as before", async () => {
  await database.query("DROP VIEW cdc_management.v_source_tables; DROP VIEW cdc_management.v_sources");
  const { code, found } = await statusJson();
  expect([code, found.sources, found.tables.length]).toEqual([0, [], 2]);
});

test("a source whose tables were all taken out of the stack is not missed", async () => {
  await record("hospital/Gone", { position: 1, seen: 2, committed: "2 days", looked: "2 days" });
  await database.query(
    "INSERT INTO cdc_management.source_tables (pipeline, source, schema_name, table_name) VALUES ('stream', 'hospital/Gone', 'gone', 'Actor')",
  );
  expect((await statusJson()).found.sources.map(({ source }) => source)).not.toContain("hospital/Gone");
});
