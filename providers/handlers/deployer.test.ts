import type { Client } from "pg";
import { closePools } from "../../databases/postgres/pool";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { Engine, type HandlerName, type Kept } from "../../test/harness/provider";
import { sinkTable } from "../../test/harness/sink-model";
import { releaseLocks } from "./deploy-lock";

const ROLES = ["deployer_owner", "deployer_app", "deployer_nobody"] as const;
const PASSWORD = "by-the-book";

let db: TestDatabase;
const made = new Map<HandlerName, Kept>();

beforeAll(async () => {
  db = await createTestDatabase();
  for (const role of ROLES) await db.query(`CREATE ROLE ${role} LOGIN PASSWORD '${PASSWORD}'`);
  await db.query(`ALTER DATABASE ${db.config.database} OWNER TO deployer_owner`);
});
afterAll(async () => {
  await releaseLocks();
  await closePools();
  await db.drop();
  const cleaner = await createTestDatabase();
  await cleaner.query(`DROP ROLE ${ROLES.join(", ")}`);
  await cleaner.drop();
});

const as = (user: string) => new Engine({ ...db.config, user, password: PASSWORD });

test("who owns the database deploys without being a superuser, and refresh finds what was made", async () => {
  const engine = as("deployer_owner");
  const applicationRole = "deployer_app";
  const inputs = engine.tableInputs(sinkTable("north", "Actor"), { applicationRole, allowDrop: true });
  made.set("cdcManagement", await engine.up("cdcManagement", engine.managementInputs({ applicationRole })));
  made.set("sinkSchema", await engine.up("sinkSchema", engine.schemaInputs("north", applicationRole)));
  for (const name of ["sinkTable", "stagingTable", "mergeProcedure"] as const)
    made.set(name, await engine.up(name, inputs[name]));
  engine.newRun();
  for (const [name, kept] of made)
    expect([name, (await engine.refresh(name, kept))?.outputs]).toEqual([name, kept.outputs]);
});

describe("the application role", () => {
  let app: Client;
  beforeAll(async () => {
    app = await db.connect({ user: "deployer_app", password: PASSWORD });
  });

  test("stages and merges", async () => {
    await app.query(
      `INSERT INTO north."stg_Actor" ("Id", "Name", __cdc_operation, __cdc_position) VALUES (1, 'one', 'c', '\\x01')`,
    );
    await app.query(`CALL north."sp_merge_Actor"()`);
    expect((await app.query(`SELECT "Name" FROM north."Actor"`)).rows).toEqual([{ Name: "one" }]);
  });

  test.each([
    ["make a table", "CREATE TABLE north.own (a int)"],
    ["alter a table", `ALTER TABLE north."Actor" ADD COLUMN x int`],
    ["write a final table", `DELETE FROM north."Actor"`],
    [
      "replace a merge",
      `CREATE OR REPLACE PROCEDURE north."sp_merge_Actor"(INOUT result jsonb DEFAULT NULL, batch_size integer DEFAULT 1) LANGUAGE plpgsql AS 'BEGIN END'`,
    ],
    ["name another table to merge", "UPDATE cdc_management.merge_control SET table_name = 'x; DROP TABLE y'"],
    ["drop the management schema", "DROP SCHEMA cdc_management CASCADE"],
  ])("cannot %s", async (_title, sql) => {
    await expect(app.query(sql)).rejects.toThrow(/permission denied|must be owner/);
  });
});

test("who may not create is told what is missing", async () => {
  const engine = as("deployer_nobody");
  engine.newRun();
  await releaseLocks();
  await expect(engine.up("sinkSchema", engine.schemaInputs("theirs"))).rejects.toThrow(
    /as deployer_nobody .*permission denied.*Grant the right to this user/s,
  );
});

test("and takes everything away again", async () => {
  const engine = as("deployer_owner");
  engine.newRun();
  for (const [name, kept] of [...made].reverse()) await engine.destroy(name, kept);
  const left = await db.query("SELECT FROM pg_namespace WHERE nspname IN ('north', 'cdc_management')");
  expect(left.rowCount).toBe(0);
});
