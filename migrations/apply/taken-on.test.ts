import type { TestDatabase } from "../../test/harness/database";
import { deployTables } from "../../test/harness/deploy-tables";
import { ID, LAB_SINK, MigrationLab, NAME } from "../../test/harness/migration-lab";
import { column, sinkTable } from "../../test/harness/sink-model";

// Tables that were brought somewhere past the files: by the stack, or by a person.

let db: TestDatabase;
let lab: MigrationLab;
beforeEach(async () => {
  lab = await MigrationLab.open();
  db = lab.db;
});
afterEach(() => lab.close());

const want = (...columns: ReturnType<typeof column>[]) => {
  lab.generate({ customers: ["north"], tables: [{ name: "Actor", columns: [ID, ...columns] }] });
};

test("steps that fail since the stack made them before are taken as included, and the rest is run", async () => {
  want(column("Code", "integer"));
  want(column("Code", "bigint"));
  want(column("Code", "varchar(20)"));
  const source = { database: "Shop_north", schema: "dbo", table: "Actor" };
  await deployTables(db, [
    sinkTable("north", "Actor", { columns: [ID, column("Code", "varchar(20)")], source, tenant: "north" }),
  ]);
  await db.query(`INSERT INTO north."Actor" ("Id", "Code") VALUES (1, '007')`);
  want(column("Code", "varchar(20)"), column("New", "integer"));
  expect(await lab.apply()).toMatchObject({ complete: true, units: [{ action: "evolve" }] });
  expect((await db.query(`SELECT "Code" AS code FROM north."Actor"`)).rows).toEqual([{ code: "007" }]);
  expect((await lab.history()).filter((line) => line.startsWith("02-"))).toEqual([
    "02-changes/{{SCHEMA}}/Actor/0001-type-of-code.sql north included",
    "02-changes/{{SCHEMA}}/Actor/0002-type-of-code.sql north applied",
    "02-changes/{{SCHEMA}}/Actor/0003-add-new.sql north applied",
  ]);
  expect((await lab.check()).differences).toEqual([]);
});

test("steps that lead nowhere even without the first tell what the first attempt met, and change nothing", async () => {
  want(NAME);
  await lab.apply();
  await db.query(`ALTER TABLE north."Actor" ALTER "Id" TYPE numeric`);
  want(NAME, column("A", "integer"));
  want(NAME, column("A", "integer"), column("B", "integer"));
  const report = await lab.apply();
  expect(report).toMatchObject({ complete: false, units: [{ error: { code: "CDC_MIGRATION_MISSED" } }] });
  expect(report.units[0]?.error?.message).not.toContain("north.Actor.A:");
});

test.each([false, true])("a column that a step renames is not told as one more (at once: %s)", async (atOnce) => {
  want(NAME);
  await lab.apply();
  await db.query(`ALTER TABLE north."Actor" ADD COLUMN extra int`);
  const hints = { renames: [{ from: "Name", to: "Title" }], notRenamed: [], typeChanges: [], setNotNull: [] };
  const columns = [ID, column("Title", "varchar(50)")];
  lab.generate({ customers: ["north"], tables: [{ name: "Actor", columns, hints }] });
  const { units } = await lab.apply({ singleTransaction: atOnce });
  expect(units.flatMap(({ warnings }) => warnings.map(({ object }) => object))).toEqual(["north.Actor.extra"]);
});

test("an interrupted run doesn't try on for locks that others hold", async () => {
  want(NAME);
  await lab.apply();
  want(NAME, column("New", "integer"));
  const blocker = await db.connect();
  await blocker.query(`BEGIN; SELECT FROM north."Actor"`);
  const interrupt = new AbortController();
  const { signal } = interrupt;
  const onStart = () => {
    interrupt.abort();
  };
  const stopped = await lab.apply({ lockTimeoutMs: 10, attempts: 1_000_000, signal, onStart });
  expect(stopped).toMatchObject({ complete: false, applied: 0 });
  const later = new AbortController();
  const trying = lab.apply({ lockTimeoutMs: 10, attempts: 1_000_000, signal: later.signal });
  const tried = `SELECT FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'`;
  while ((await db.query(tried)).rows.length === 0);
  later.abort();
  expect((await trying).units).toMatchObject([{ error: { code: "CDC_PG_LOCK_TIMEOUT" } }]);
  await blocker.query("ROLLBACK");
  expect(await lab.apply()).toMatchObject({ complete: true, applied: 1 });
});

test("a view that uses a column, and a role that is missing, are told with what to do", async () => {
  want(column("Code", "integer"));
  await lab.apply();
  await db.query(`CREATE VIEW north.seen AS SELECT "Code" FROM north."Actor"`);
  await db.query(`CREATE FUNCTION north.told() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`);
  await db.query(
    `CREATE TRIGGER told BEFORE UPDATE OF "Code" ON north."Actor" FOR EACH ROW EXECUTE FUNCTION north.told()`,
  );
  want(column("Code", "bigint"));
  const { units } = await lab.apply();
  expect(units[0]?.error).toMatchObject({
    code: "CDC_PG_DEPENDENT",
    message: expect.stringContaining("view north.seen") as string,
    hint: expect.stringContaining("Drop what is named") as string,
  });
  await db.query("DROP VIEW north.seen");
  expect((await lab.apply()).units[0]?.error).toMatchObject({ code: "CDC_PG_DEPENDENT" });
  lab.generate({ customers: ["north"], tables: [{ name: "Actor" }], applicationRole: "nobody_of_the_name" });
  await expect(lab.apply()).rejects.toMatchObject({ code: "CDC_PG_NO_ROLE" });
});

test("a view with the table's name, and an index of a missing column, are left and told", async () => {
  want(NAME);
  await lab.apply();
  await db.query(`ALTER TABLE north."Actor" DROP COLUMN __sync_timestamp`);
  expect(await lab.apply()).toMatchObject({
    complete: false,
    units: [{ problems: [{ object: "north.Actor.__sync_timestamp" }, { kind: "INDEX_ADDED" }] }],
  });
  await db.query(`DROP TABLE north."Actor"; CREATE VIEW north."Actor" AS SELECT 1 AS "Id"`);
  const { complete, units } = await lab.apply();
  expect([complete, units]).toMatchObject([false, [{ problems: [{ kind: "NAME_TAKEN" }] }]]);
});

test("a folder in the place of a file is named", () => {
  want(NAME);
  const file = `${LAB_SINK}/01-tables/{{SCHEMA}}/Actor.sql`;
  lab.replaceByFolder("01-tables/{{SCHEMA}}/Actor.sql");
  expect(() => lab.folder()).toThrow(file);
});
