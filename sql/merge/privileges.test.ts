import type { Client } from "pg";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { deployTables } from "../../test/harness/deploy-tables";
import { labTable, merge, stage } from "../../test/harness/merge-lab";
import type { StagedEvent } from "../../test/harness/merge-model";

const table = labTable("Rows");
const EVENT: StagedEvent = {
  h: 1,
  k: 1,
  position: 1,
  operation: "Insert",
  r: "r",
  a: "a",
  b: null,
  lob: null,
  unchanged: [],
};
let database: TestDatabase;
let role: string;
let app: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  role = `app_${database.config.database}`;
  await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
  await deployTables(database, [table], role);
  app = await database.connect({ user: role, password: "secret" });
});
afterAll(async () => {
  await app.end();
  const { query } = database;
  await query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  await database.drop();
});

describe("the application role", () => {
  test("B17: stages, merges, reads, and keeps checkpoints, leases and dead letters", async () => {
    await stage(app, table, [EVENT]);
    expect(await merge(app, table)).toMatchObject({ inserted: 1 });
    await stage(app, table, [{ ...EVENT, k: 2 }]);
    await app.query("CALL cdc_management.trigger_pending_merges()");
    expect((await app.query('SELECT count(*)::int AS n FROM lab."Rows"')).rows).toEqual([{ n: 2 }]);
    await app.query("SELECT cdc_management.manual_merge('lab', 'Rows')");
    const { rows } = await app.query<{ token: string }>(
      "SELECT cdc_management.acquire_lease('l', 'me', '10 s') AS token",
    );
    await app.query("SELECT cdc_management.record_checkpoint('p', 'lab', 'Rows', '\\x01', 1, 'l', $1)", [
      rows[0]?.token,
    ]);
    await app.query("SELECT cdc_management.record_dead_letter('lab', 'Rows', 'p', '\\x01', 'Insert', '{}', 'why')");
    await app.query("SELECT cdc_management.resolve_dead_letter(id) FROM cdc_management.v_dead_letters");
    for (const view of [
      "v_merge_status",
      "v_recent_errors",
      "v_cdc_processing_gaps",
      "v_cdc_replication_lag",
      "merge_control",
    ])
      await app.query(`SELECT * FROM cdc_management.${view}`);
  });

  test.each([
    [
      "B16: names in merge_control, which become calls",
      "UPDATE cdc_management.merge_control SET procedure_name = 'x(); CREATE ROLE evil'",
    ],
    ["B16: new rows in merge_control", "INSERT INTO cdc_management.merge_control (schema_name) VALUES ('x')"],
    ["marks", "DELETE FROM cdc_management.merge_pending"],
    ["checkpoints past the function", "UPDATE cdc_management.checkpoints SET position = '\\x00'"],
    ["leases past the function", "UPDATE cdc_management.leases SET token = 9"],
    ["tombstones", "DELETE FROM cdc_management.tombstones"],
    ["tombstones by pruning", "SELECT cdc_management.prune_tombstones('0 s')"],
    ["the log by a step of the merge", "SELECT cdc_management.finish_merge(1, now(), '[]', 0, 0, 0, 0, 0, NULL, NULL)"],
    ["marks by a step of the merge", "SELECT cdc_management.begin_merge('lab', 'Rows')"],
    ["final rows", "UPDATE lab.\"Rows\" SET a = 'x'"],
    ["staged rows", 'DELETE FROM lab."stg_Rows"'],
    ["the table's definition", 'ALTER TABLE lab."Rows" ADD COLUMN x integer'],
    ["the schema", "CREATE TABLE lab.x (i integer)"],
    ["the management schema", "CREATE TABLE cdc_management.x (i integer)"],
    ["the procedure", 'DROP PROCEDURE lab."sp_merge_Rows"(jsonb, integer)'],
  ])("cannot touch %s", async (_what, statement) => {
    await expect(app.query(statement)).rejects.toMatchObject({ code: "42501" });
  });

  test("B16: a hostile name in merge_control stays a name", async () => {
    await database.query(
      "UPDATE cdc_management.merge_control SET procedure_name = 'sp_merge_Rows\"(); CREATE ROLE evil SUPERUSER; --'",
    );
    await stage(app, table, [EVENT]);
    await app.query("CALL cdc_management.trigger_pending_merges()");
    expect((await app.query("SELECT sqlstate FROM cdc_management.v_recent_errors")).rows).toEqual([
      { sqlstate: "42883" },
    ]);
    expect((await app.query("SELECT FROM pg_roles WHERE rolname = 'evil'")).rows).toEqual([]);
    await database.query("UPDATE cdc_management.merge_control SET procedure_name = 'sp_merge_Rows'");
  });

  test("its own operators and temporary tables do not reach the definer's functions", async () => {
    await app.query("CREATE TEMP TABLE merge_control (table_id integer); CREATE TEMP TABLE tombstones (x integer)");
    await stage(app, table, [{ ...EVENT, k: 3 }]);
    expect(await merge(app, table)).toMatchObject({ inserted: 1 });
  });

  test("nobody else may run the functions or the merge", async () => {
    const { rows } = await database.query(
      `SELECT p.oid::regprocedure::text AS name FROM pg_proc AS p
       WHERE p.pronamespace IN ('cdc_management'::regnamespace, 'lab'::regnamespace) AND has_function_privilege('public', p.oid, 'EXECUTE')`,
    );
    expect(rows).toEqual([]);
  });
});

describe("a lease", () => {
  test("has one holder; who takes it over gets a new token, and the old one can write no checkpoint", async () => {
    const take = (holder: string, ttl: string) =>
      one("SELECT cdc_management.acquire_lease('run', $1, $2)::int AS v", [holder, ttl]);
    expect(await take("a", "10 s")).toBe(1);
    expect(await take("a", "10 s")).toBe(1);
    expect(await take("b", "10 s")).toBeNull();
    expect(await one("SELECT cdc_management.release_lease('run', 1) AS v")).toBe(true);
    expect(await take("b", "10 s")).toBe(2);
    await expect(checkpoint("01", 1)).rejects.toMatchObject({ code: "CDC01" });
    await checkpoint("05", 2);
  });

  test("a checkpoint never moves back, and counts its events", async () => {
    await checkpoint("09", 2);
    await checkpoint("03", 2);
    const { rows } = await app.query(
      "SELECT encode(position, 'hex') AS position, events::int FROM cdc_management.checkpoints WHERE pipeline = 'run'",
    );
    expect(rows).toEqual([{ position: "09", events: 30 }]);
  });
});

async function checkpoint(position: string, token: number): Promise<void> {
  await app.query("SELECT cdc_management.record_checkpoint('run', 'lab', 'Rows', decode($1, 'hex'), 10, 'run', $2)", [
    position,
    token,
  ]);
}

async function one(sql: string, params: unknown[] = []): Promise<unknown> {
  return (await app.query<{ v: unknown }>(sql, params)).rows[0]?.v;
}
