import { closePools } from "../databases/postgres/pool";
import { createTestDatabase, type TestDatabase } from "./harness/database";
import { Deployment, lines } from "./harness/deployment";
import { usualColumns } from "./harness/yaml-project";

let db: TestDatabase;
let deployment: Deployment;
const columns = usualColumns(4);

beforeAll(async () => {
  db = await createTestDatabase();
  // Counts DDL as the server sees it; in a schema of its own, so that destroy must leave it alone.
  await db.query(`CREATE SCHEMA watch; CREATE TABLE watch.ddl (tag text);
    CREATE FUNCTION watch.note() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO watch.ddl VALUES (tg_tag); END $$;
    CREATE EVENT TRIGGER note ON ddl_command_end EXECUTE FUNCTION watch.note()`);
  deployment = Deployment.make(db.config, { customers: ["north", "south"], tables: { Actor: columns, Film: columns } });
});
afterAll(async () => {
  deployment.remove();
  await closePools();
  await db.drop();
});

const ddlCount = async () =>
  (await db.query<{ n: number }>("SELECT count(*)::int AS n FROM watch.ddl")).rows[0]?.n ?? 0;

test("preview shows every object and makes none", async () => {
  const { steps, result } = await deployment.run("preview");
  expect(result.changed).toBe(true);
  expect(steps.filter(({ noun }) => noun === "SinkTable")).toHaveLength(4);
  expect(steps.filter(({ noun }) => noun === "MergeProcedure")).toHaveLength(4);
  expect(steps.every(({ operation }) => operation === "create")).toBe(true);
  expect(await ddlCount()).toBe(0);
});

test("up makes them", async () => {
  const { steps } = await deployment.run("up");
  expect(steps).toHaveLength(1 + 2 + 4 * 3);
  const made = await db.query(
    `SELECT table_name FROM information_schema.tables WHERE table_schema = 'north' ORDER BY 1`,
  );
  expect(made.rows.map((row) => row["table_name"] as string)).toEqual(["Actor", "Film", "stg_Actor", "stg_Film"]);
});

test("second run: 0 changes and 0 DDL statements", async () => {
  const before = await ddlCount();
  const { result, steps } = await deployment.run("up");
  expect(result.changed).toBe(false);
  expect(steps).toEqual([]);
  expect(await ddlCount()).toBe(before);
});

test("refresh of an untouched database finds nothing and writes nothing", async () => {
  const before = await ddlCount();
  const { result, steps } = await deployment.run("refresh");
  expect([steps, result.changed]).toEqual([[], false]);
  expect(await ddlCount()).toBe(before);
});

test("a column added in YAML is all that preview shows, and up keeps the rows", async () => {
  await db.query(`INSERT INTO north."Actor" ("Id", "Col01", "Col02", "Col03") VALUES (1, 7, 'one', 1.5)`);
  deployment.rewrite({ tables: { Actor: [...columns, { name: "Phone", type: "nvarchar(20)" }], Film: columns } });
  const preview = await deployment.run("preview");
  const changed = ["north", "south"].flatMap((customer) =>
    ["MergeProcedure", "SinkTable", "StagingTable"].map((noun) => `update ${noun} main.shop/${customer}/Actor`),
  );
  expect(lines(preview.steps)).toEqual(changed.sort());
  const tables = preview.steps.filter(({ noun }) => noun === "SinkTable");
  expect(tables.map((step) => (step.newProperties["columns"] as Record<string, string>)["Phone"])).toEqual([
    "varchar(20)",
    "varchar(20)",
  ]);
  await deployment.run("up");
  const { rows } = await db.query(`SELECT "Id"::int AS id, "Col02" AS name, "Phone" AS phone FROM north."Actor"`);
  expect(rows).toEqual([{ id: 1, name: "one", phone: null }]);
  expect((await deployment.run("preview")).result.changed).toBe(false);
});

test("drift of every kind is found by preview --refresh and by refresh, and repaired by up without losing rows", async () => {
  await db.query(`ALTER TABLE north."Actor" ADD COLUMN byhand int, ALTER COLUMN "Col02" TYPE text;
    DROP TABLE north."stg_Film"; DROP TRIGGER trg_mark_for_merge ON north."stg_Actor"; DROP PROCEDURE north."sp_merge_Film";
    DROP TABLE south."Film" CASCADE;
    CREATE OR REPLACE PROCEDURE south."sp_merge_Actor"(INOUT result jsonb DEFAULT NULL, batch_size integer DEFAULT 1)
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'BEGIN END';
    DROP VIEW cdc_management.v_dead_letters`);
  const preview = await deployment.run("preview", { refresh: true });
  expect(preview.result.changed).toBe(true);
  const refresh = await deployment.run("refresh");
  expect(refresh.result.changed).toBe(true);
  const { steps } = await deployment.run("up");
  expect(lines(steps)).toEqual(
    [
      "create MergeProcedure main.shop/north/Film",
      "create SinkTable main.shop/south/Film",
      "create StagingTable main.shop/north/Film",
      `update CdcManagement ${db.config.database}`,
      "update MergeProcedure main.shop/south/Actor",
      "update SinkTable main.shop/north/Actor",
      "update StagingTable main.shop/north/Actor",
    ].sort(),
  );
  expect((await db.query(`SELECT "Col02" AS name, byhand FROM north."Actor"`)).rows).toEqual([
    { name: "one", byhand: null },
  ]);
  expect((await deployment.run("preview", { refresh: true })).result.changed).toBe(false);
});

test("destroy leaves nothing behind but what is not ours", async () => {
  await deployment.run("destroy");
  const left = await db.query(
    `SELECT nspname::text AS name FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1`,
  );
  expect(left.rows).toEqual([{ name: "public" }, { name: "watch" }]);
});
