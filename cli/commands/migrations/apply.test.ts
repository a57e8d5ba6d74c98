import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { closePools } from "../../../databases/postgres/pool";
import { runCdc, type CapturedRun } from "../../../test/harness/captured-io";
import { createTestDatabase, type TestDatabase } from "../../../test/harness/database";
import { connectionVariables } from "../../../test/harness/deployment";
import { makeProject, removeProject, usualColumns } from "../../../test/harness/yaml-project";

let db: TestDatabase;
let directory: string;
let env: Record<string, string>;
beforeEach(async () => {
  db = await createTestDatabase();
  const tables = { Actor: usualColumns(4), Film: usualColumns(3) };
  directory = makeProject({ customers: ["north", "south"], tables, database: db.config.database });
  env = connectionVariables(db.config);
  expect(await verb("generate")).toMatchObject({ code: 0 });
});
afterEach(async () => {
  removeProject(directory);
  await closePools();
  await db.drop();
});

const verb = (...argv: readonly string[]): Promise<CapturedRun> =>
  runCdc(["manage-migrations", ...argv, "-C", directory], { env: { ...process.env, ...env } });
const sinkFolder = () => join(directory, "migrations", readdirSync(join(directory, "migrations"))[0] ?? "");
const made = async () => (await db.query("SELECT FROM pg_tables WHERE tablename IN ('Actor', 'Film')")).rowCount;

test("apply makes everything and says so; the second time there is nothing to do", async () => {
  const first = await verb("apply", "--env", "dev");
  expect(first).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/schemas made, 4 tables made · complete/) as string,
  });
  const second = await verb("apply", "--env", "dev");
  expect(second).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/nothing to do for 4 tables · complete/) as string,
  });
});

test("--json prints what was done, and nothing on stderr", async () => {
  const { code, stdout, stderr } = await verb("apply", "--env", "dev", "--json");
  expect([code, stderr]).toEqual([0, ""]);
  expect(JSON.parse(stdout)).toMatchObject([{ environment: "dev", complete: true, applied: 4, tables: 4 }]);
});

test("--dry-run prints exactly what would be sent, and sends nothing", async () => {
  const { code, stdout } = await verb("apply", "--env", "dev", "--dry-run");
  expect(code).toBe(0);
  expect(await made()).toBe(0);
  // Another client gets the same database from it.
  await db.query(stdout);
  expect(await verb("check", "--env", "dev")).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^MANAGEMENT_UNKNOWN.*\n.*1 difference\n$/) as string,
  });
  expect(await verb("apply", "--env", "dev")).toMatchObject({ code: 0 });
  expect(await verb("check", "--env", "dev")).toMatchObject({ code: 0 });
});

test("a hand-edited file stops it by name with 2; --force wants a name", async () => {
  appendFileSync(join(sinkFolder(), "01-tables/{{SCHEMA}}/Film.sql"), "-- mine\n");
  const stopped = await verb("apply", "--env", "dev");
  expect(stopped).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("01-tables/{{SCHEMA}}/Film.sql was edited") as string,
  });
  expect(await made()).toBe(0);
  expect(await verb("status", "--env", "dev")).toMatchObject({ code: 2 });
  expect(await verb("status", "--offline")).toMatchObject({ code: 2 });
  expect(await verb("apply", "--env", "dev", "--force")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("--by") as string,
  });
  expect(await verb("apply", "--env", "dev", "--force", "--by", "kari")).toMatchObject({ code: 0 });
  const { rows } = await db.query(
    `SELECT DISTINCT applied_by AS by, outcome FROM cdc_management.migration_history WHERE file_name LIKE '%Film.sql'`,
  );
  expect(rows).toEqual([{ by: "kari", outcome: "forced" }]);
});

test("status counts per schema and ends with 1 while something is left; check and diff --env name it", async () => {
  const before = await verb("status", "--env", "dev");
  expect(before).toMatchObject({ code: 1, stdout: expect.stringMatching(/north +2 +0 +0 +2 /) as string });
  await verb("apply", "--env", "dev");
  const after = await verb("status", "--env", "dev", "--json");
  expect([after.code, JSON.parse(after.stdout)]).toMatchObject([
    0,
    [{ upToDate: true, schemas: [{ applied: 2 }, { applied: 2 }] }],
  ]);
  await db.query(`ALTER TABLE south."Actor" ADD COLUMN by_hand int`);
  for (const command of [["status"], ["check"], ["diff"]]) {
    const run = await verb(...command, "--env", "dev");
    expect(run).toMatchObject({ code: 1, stdout: expect.stringContaining("by_hand") as string });
  }
  expect(await verb("apply", "--env", "dev")).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/warning: south\.Actor\.by_hand/) as string,
  });
});

test("drift that is left ends with 2 and is named; --repair mends it", async () => {
  await verb("apply", "--env", "dev");
  await db.query(`ALTER TABLE south."Actor" DROP COLUMN "Col01"`);
  expect(await verb("apply", "--env", "dev")).toMatchObject({
    code: 2,
    stdout: expect.stringMatching(/left: south\.Actor\.Col01.*not complete/s) as string,
  });
  expect(await verb("apply", "--env", "dev", "--repair")).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/south\.Actor: altered/) as string,
  });
});

test("--schema and --table narrow what is done", async () => {
  expect(await verb("apply", "--env", "dev", "--schema", "north", "--table", "Film")).toMatchObject({ code: 0 });
  const { rows } = await db.query(
    "SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE tablename IN ('Actor', 'Film')",
  );
  expect(rows).toEqual([{ name: "north.Film" }]);
  expect(await verb("apply", "--env", "dev", "--schema", "nord")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("nothing for schema nord") as string,
  });
});

test("an environment, a sink, a host or a variable that is not there is named, with what to do", async () => {
  expect(await verb("apply", "--env", "prod")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/environment prod.*--env: dev/s) as string,
  });
  expect(await verb("apply", "--sink", "main.sho")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/There are: main\.shop/) as string,
  });
  const manifest = join(sinkFolder(), "manifest.yaml");
  writeFileSync(manifest, readFileSync(manifest, "utf8").replace(/dev: test_\w+/, "dev: ${SHOP_DATABASE}"));
  expect(await verb("status")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("SHOP_DATABASE is not set") as string,
  });
  env["SHOP_DATABASE"] = db.config.database;
  expect(await verb("status")).toMatchObject({ code: 1 });
  env["PG_DEV_HOST"] = "";
  expect(await verb("status")).toMatchObject({ code: 2, stderr: expect.stringContaining("PG_DEV_HOST") as string });
});

test("an interrupt ends it with 130: what was begun is whole, the next run does the rest", async () => {
  const aborted = AbortSignal.abort();
  const argv = ["manage-migrations", "apply", "--env", "dev", "-C", directory];
  const run = await runCdc(argv, { env: { ...process.env, ...env }, signal: aborted });
  expect(run.code).toBe(130);
  expect(await made()).toBe(0);
  expect(await verb("apply", "--env", "dev")).toMatchObject({ code: 0 });
});
