import { closePools } from "../../databases/postgres/pool";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { deployTables } from "../../test/harness/deploy-tables";

const SOURCE = ["stream", "erp/shop"] as const;
let database: TestDatabase;
let token: string;

beforeEach(async () => {
  database = await createTestDatabase();
  await deployTables(database, []);
  token = await takeLease("a");
});
afterEach(async () => {
  await closePools();
  await database.drop();
});

async function takeLease(holder: string): Promise<string> {
  const take = "SELECT cdc_management.acquire_lease('pipeline:stream:erp/shop', $1, '1 minute')::text AS token";
  return (await database.query<{ token: string }>(take, [holder])).rows[0]?.token ?? "";
}

function record(position: string, more = ""): Promise<unknown> {
  const call = `SELECT cdc_management.record_source($1, $2, $3, decode($4, 'hex'), '2026-01-01', NULL, 2, 7${more})`;
  return database.query(call, [...SOURCE, token, position]);
}

function change(text: object): Promise<unknown> {
  const call = "SELECT cdc_management.record_source_table($1, $2, $3, 's', 'T', $4)";
  return database.query(call, [...SOURCE, token, JSON.stringify(text)]);
}

test("the position of a source moves forward only, unless its history was rewritten", async () => {
  const position = async () =>
    (await database.query<{ position: string }>("SELECT position, events FROM cdc_management.v_sources")).rows[0];
  for (const at of ["02", "01"]) await record(at);
  expect(await position()).toEqual({ position: "02", events: "14" });
  await record("01", ", NULL, NULL, true");
  expect(await position()).toEqual({ position: "01", events: "21" });
});

test("a stale token writes neither a position nor a table's state", async () => {
  await database.query("UPDATE cdc_management.leases SET expires_at = now()");
  await takeLease("b");
  await expect(record("01")).rejects.toMatchObject({ code: "CDC01" });
  await expect(change({ state: "streaming" })).rejects.toMatchObject({ code: "CDC01" });
});

test("a table's state takes what is named and keeps the rest", async () => {
  await change({ state: "waiting" });
  await change({ state: "stopped", position: "0a", problem: { code: "CDC_SOURCE_GAP", message: "gone" } });
  await change({ capture_instance: "dbo_T", snapshot: { phase: "rows", rows: 5 } });
  const tables = `, '[{"schema": "s", "table": "T", "events": 4}]'`;
  await record("0b", tables);
  const row = () => database.query("SELECT * FROM cdc_management.v_source_tables");
  expect((await row()).rows).toMatchObject([
    { state: "stopped", position: "0a", capture_instance: "dbo_T", snapshot_rows: "5", events: "4", problem: "gone" },
  ]);
  await change({ state: "streaming", position: null, problem: null });
  expect((await row()).rows).toMatchObject([
    { state: "streaming", position: "0b", problem_code: null, snapshot_rows: "5" },
  ]);
});

test("what a stream still tells about a table that was dropped doesn't count for the one of its name", async () => {
  const known = async () => (await database.query("SELECT state FROM cdc_management.source_tables")).rows;
  const joining = {
    state: "snapshot",
    position: null,
    capture_instance: "dbo_T",
    snapshot: { phase: "rows", rows: 0 },
  };
  await database.query('CREATE SCHEMA s; CREATE TABLE s."T" ()');
  await change(joining);
  await database.query('DROP TABLE s."T"; CREATE TABLE s."T" ()');
  await change({ state: "streaming", snapshot: { phase: "done", rows: 9 } });
  await change({ state: "stopped", position: "0a" });
  await change({ capture_instance: "dbo_T", columns: [], state: "snapshot" });
  expect(await known()).toEqual([]);
  await change(joining);
  await change({ state: "streaming", snapshot: { phase: "done", rows: 9 } });
  expect(await known()).toEqual([{ state: "streaming" }]);
});
