import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { nameKey, readCatalog } from "./catalog";
import { closePools } from "./pool";

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
  await db.query(`
    CREATE SCHEMA "cust 01";
    CREATE TABLE "cust 01"."Actor" (
      "No" bigint NOT NULL, "Name" varchar(50) NOT NULL DEFAULT 'x', b numeric(8,2), c timestamp(6) DEFAULT now(), d char(3),
      e bigint GENERATED ALWAYS AS IDENTITY, f text[], g timestamptz(3), h bpchar, i time, PRIMARY KEY ("Name", "No"));
    CREATE INDEX by_c ON "cust 01"."Actor" (c);
    CREATE UNLOGGED TABLE "cust 01".actor (a int);
    CREATE VIEW "cust 01".v AS SELECT 1 AS one;
    CREATE FUNCTION "cust 01".f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
    CREATE TRIGGER t AFTER INSERT ON "cust 01".actor EXECUTE FUNCTION "cust 01".f();
    CREATE PROCEDURE "cust 01".p(INOUT a int) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS ' BEGIN END '`);
});
afterAll(async () => {
  await closePools();
  await db.drop();
});

test("columns come with canonical types, nullability and defaults", async () => {
  const table = (await readCatalog(db.config)).tables.get(nameKey("cust 01", "Actor"));
  const types = table?.columns.map(({ name, type }) => `${name} ${type}`);
  expect(types).toEqual([
    ...["No bigint", "Name varchar(50)", "b numeric(8,2)", "c timestamp", "d char(3)"].map((text) =>
      text === "c timestamp" ? "c timestamp(6)" : text,
    ),
    ...["e bigint", "f text[]", "g timestamptz(3)", "h bpchar", "i time"],
  ]);
  expect(table?.columns[1]).toMatchObject({ notNull: true, default: "'x'::character varying" });
  expect(table?.columns[5]).toMatchObject({ generated: true });
});

test("keys, indexes, persistence and names that differ only by case are told apart", async () => {
  const { tables } = await readCatalog(db.config, { schema: "cust 01" });
  expect(tables.get(nameKey("cust 01", "Actor"))).toMatchObject({
    key: ["Name", "No"],
    logged: true,
    indexes: [{ name: "by_c", columns: ["c"] }],
  });
  expect(tables.get(nameKey("cust 01", "actor"))).toMatchObject({
    key: [],
    logged: false,
    triggers: [{ name: "t", enabled: "O", functionName: "f" }],
  });
});

test("routines and views carry hashes that change with their text", async () => {
  const read = () => readCatalog(db.config, { schema: "cust 01" });
  const before = await read();
  await db.query(`CREATE OR REPLACE VIEW "cust 01".v AS SELECT 2 AS one;
    CREATE OR REPLACE PROCEDURE "cust 01".p(INOUT a int) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS ' BEGIN NULL; END '`);
  const after = await read();
  const [view, procedure] = [nameKey("cust 01", "v"), nameKey("cust 01", "p")];
  expect(after.tables.get(view)?.fingerprint).not.toBe(before.tables.get(view)?.fingerprint);
  expect(after.routines.get(procedure)?.[0]?.bodyHash).not.toBe(before.routines.get(procedure)?.[0]?.bodyHash);
  expect(after.routines.get(procedure)?.[0]).toMatchObject({
    kind: "procedure",
    definer: true,
    settings: ["search_path=pg_catalog"],
  });
});

test("a filter reads one table, or one routine", async () => {
  const one = await readCatalog(db.config, { schema: "cust 01", table: "actor" });
  expect([...one.tables.keys()]).toEqual([nameKey("cust 01", "actor")]);
  expect(one.routines.size).toBe(0);
  const routine = await readCatalog(db.config, { schema: "cust 01", routine: "p" });
  expect([...routine.routines.keys()]).toEqual([nameKey("cust 01", "p")]);
  expect(routine.tables.size).toBe(0);
});
