import type { TestDatabase } from "../../test/harness/database";
import { ID, MigrationLab, NAME, type LabTable } from "../../test/harness/migration-lab";
import { column } from "../../test/harness/sink-model";

// One test per row of the "apply behaviour" table that the earlier generator failed, named after the row.

const PHONE = column("Telefon", "varchar(20)");

let db: TestDatabase;
let lab: MigrationLab;
beforeEach(async () => {
  lab = await MigrationLab.open();
  db = lab.db;
});
afterEach(() => lab.close());

const want = (...tables: readonly LabTable[]) => {
  lab.generate({ customers: ["north", "south"], tables });
};

/** Stages one event in north and merges it. */
async function merge(values: Readonly<Record<string, string | number>>, position: number): Promise<void> {
  const names = Object.keys(values).map((name) => `"${name}"`);
  const texts = Object.values(values).map((value) => `'${String(value)}'`);
  const at = position.toString(16).padStart(50, "0");
  await db.query(`INSERT INTO north."stg_Actor" (${names.join()}, __cdc_operation, __cdc_position)
    VALUES (${texts.join()}, 'Insert', '\\x${at}')`);
  await db.query(`CALL north."sp_merge_Actor"()`);
}

const rows = async (columns: string) => (await db.query(`SELECT ${columns} FROM north."Actor" ORDER BY "Id"`)).rows;
const outcomes = async (like: string) => (await lab.history()).filter((line) => line.includes(like));

test("second run: nothing is sent, nothing is recorded again", async () => {
  want({ name: "Actor" });
  await lab.apply();
  const before = await db.query("SELECT * FROM cdc_management.migration_history ORDER BY id");
  expect(await lab.apply()).toMatchObject({ complete: true, applied: 0, adopted: 0, infrastructure: false, units: [] });
  expect((await db.query("SELECT * FROM cdc_management.migration_history ORDER BY id")).rows).toEqual(before.rows);
});

test("column added by hand in DB: status, check and apply name it", async () => {
  want({ name: "Actor" });
  await lab.apply();
  await db.query(`ALTER TABLE north."Actor" ADD COLUMN extra int`);
  const object = "north.Actor.extra";
  expect((await lab.status()).tables).toMatchObject([{ state: "drifted", differences: [{ object }] }]);
  expect((await lab.check()).differences).toMatchObject([{ object }]);
  expect((await lab.apply()).units).toMatchObject([{ warnings: [{ object }] }]);
});

test("column type changed by hand: status, check and apply name it, and the column is left", async () => {
  want({ name: "Actor" });
  await lab.apply();
  await db.query(`ALTER TABLE north."Actor" ALTER "Name" TYPE text`);
  const object = "north.Actor.Name";
  expect((await lab.status()).tables).toMatchObject([{ state: "drifted", differences: [{ object }] }]);
  expect((await lab.check()).differences).toMatchObject([{ object }]);
  expect(await lab.apply()).toMatchObject({ complete: false, applied: 0, units: [{ problems: [{ object }] }] });
});

test("table dropped by hand: status says so, apply makes it again", async () => {
  want({ name: "Actor" });
  await lab.apply();
  await db.query(`DROP TABLE north."Actor"`);
  expect((await lab.status()).tables).toMatchObject([{ state: "drifted", differences: [{ kind: "TABLE_MISSING" }] }]);
  expect(await lab.apply()).toMatchObject({ complete: true, applied: 1 });
  await merge({ Id: 1, Name: "one" }, 1);
  expect(await rows(`"Name" AS name`)).toEqual([{ name: "one" }]);
});

test("new nullable column in source YAML: table, staging and merge follow in every schema", async () => {
  want({ name: "Actor" });
  await lab.apply();
  await merge({ Id: 1, Name: "one" }, 1);
  want({ name: "Actor", columns: [ID, NAME, PHONE] });
  expect((await lab.status()).schemas).toMatchObject([{ pending: 1 }, { pending: 1 }]);
  expect(await lab.apply()).toMatchObject({ complete: true, applied: 2 });
  await merge({ Id: 2, Name: "two", Telefon: "22" }, 2);
  expect(await rows(`"Id"::int AS id, "Telefon" AS phone`)).toEqual([
    { id: 1, phone: null },
    { id: 2, phone: "22" },
  ]);
  expect((await lab.check()).differences).toEqual([]);
  expect(await outcomes("02-changes")).toEqual([
    expect.stringMatching(/0001-.* north applied$/),
    expect.stringMatching(/0001-.* south applied$/),
  ]);
});

test("a customer that comes later gets the newest table; its steps are included, not run", async () => {
  want({ name: "Actor" });
  await lab.apply();
  const tables = [{ name: "Actor", columns: [ID, NAME, PHONE] }];
  lab.generate({ customers: ["north", "south", "west"], tables });
  expect(await lab.apply()).toMatchObject({ complete: true, applied: 3 });
  expect(await outcomes("02-changes")).toEqual([
    expect.stringMatching(/north applied$/),
    expect.stringMatching(/south applied$/),
    expect.stringMatching(/west included$/),
  ]);
  expect(await lab.check()).toMatchObject({ differences: [], odd: [] });
});

test("forcing the new DDL with psql: the table is taken as it is, staging and merge follow", async () => {
  want({ name: "Actor" });
  await lab.apply();
  await db.query(`ALTER TABLE north."Actor" ADD COLUMN "Telefon" varchar(20)`);
  want({ name: "Actor", columns: [ID, NAME, PHONE] });
  expect(await lab.apply()).toMatchObject({ complete: true });
  await merge({ Id: 2, Name: "two", Telefon: "22" }, 2);
  expect(await rows(`"Telefon" AS phone`)).toEqual([{ phone: "22" }]);
  expect(await outcomes("02-changes")).toEqual([
    expect.stringMatching(/north included$/),
    expect.stringMatching(/south applied$/),
  ]);
});

test("hand-edited SQL file: stops by name before anything ran; --force goes on and the history names who", async () => {
  want({ name: "Actor" }, { name: "Film" });
  const file = "01-tables/{{SCHEMA}}/Film.sql";
  lab.edit(file, (text) => `${text}CREATE TABLE "{{SCHEMA}}".tampered (a int);\n`);
  await expect(lab.apply()).rejects.toMatchObject({
    code: "CDC_MIGRATION_EDITED",
    message: expect.stringContaining(file) as string,
  });
  expect((await db.query("SELECT FROM pg_namespace WHERE nspname IN ('north', 'cdc_management')")).rows).toEqual([]);
  expect(await lab.apply({ force: true, by: "Kari Nordmann" })).toMatchObject({ complete: true, applied: 4 });
  const { rows: named } = await db.query(
    `SELECT schema_name AS schema, outcome, applied_by AS by FROM cdc_management.migration_history WHERE file_name = '${file}' ORDER BY 1`,
  );
  expect(named).toEqual(["north", "south"].map((schema) => ({ schema, outcome: "forced", by: "Kari Nordmann" })));
  expect((await db.query("SELECT FROM pg_tables WHERE tablename = 'tampered'")).rowCount).toBe(2);
  expect(await lab.apply({ force: true, by: "Kari Nordmann" })).toMatchObject({
    complete: true,
    applied: 0,
    adopted: 0,
  });
});

test("after any update: one row per file and schema, and no file is run again", async () => {
  want({ name: "Actor" });
  await lab.apply();
  want({ name: "Actor", columns: [ID, NAME, PHONE] });
  await lab.apply();
  const { rows: counts } = await db.query(`SELECT count(*)::int AS n, count(DISTINCT (file_name, schema_name))::int AS d
    FROM cdc_management.migration_history`);
  expect(counts).toEqual([{ n: 8, d: 8 }]);
  expect(await lab.apply()).toMatchObject({ applied: 0, adopted: 0, infrastructure: false });
});

test("crash between COMMIT and history insert, simulated by deleting the rows: the next apply records what is there", async () => {
  want({ name: "Actor" });
  await lab.apply();
  await db.query("DELETE FROM cdc_management.migration_history");
  expect(await lab.apply()).toMatchObject({ complete: true, applied: 0, adopted: 6 });
  expect(await outcomes("Actor.sql")).toEqual(
    ["north", "south"].map((schema) => `01-tables/{{SCHEMA}}/Actor.sql ${schema} adopted`),
  );
  expect((await lab.status()).schemas).toMatchObject([{ adopted: 1 }, { adopted: 1 }]);
});

test("generate for one table keeps the others in the manifest, and apply sees all", async () => {
  want({ name: "Actor" }, { name: "Film" });
  lab.generate(
    { customers: ["north", "south"], tables: [{ name: "Actor", columns: [ID, NAME, PHONE] }, { name: "Film" }] },
    "Actor",
  );
  expect(await lab.apply()).toMatchObject({ complete: true, applied: 4, tables: 4 });
});

test("a manual file for an impossible change stops that table by name, again and again, and no other", async () => {
  want({ name: "Actor", columns: [ID, column("Name", "bytea")] }, { name: "Film" });
  await lab.apply();
  await db.query(`INSERT INTO north."Actor" ("Id", "Name") VALUES (1, '\\x01')`);
  const tables = [
    { name: "Actor", columns: [ID, column("Name", "integer")] },
    { name: "Film", columns: [ID, NAME, PHONE] },
  ];
  want(...tables);
  want(...tables);
  for (const applied of [2, 0]) {
    const report = await lab.apply();
    expect(report).toMatchObject({ complete: false, applied });
    const problems = report.units.flatMap((unit) =>
      unit.problems.map(({ summary }) => `${unit.schema}.${unit.table}: ${summary}`),
    );
    expect(problems).toEqual(
      ["north", "south"].map(
        (schema) => expect.stringMatching(`^${schema}.Actor: manual/.*Actor.*not resolved`) as string,
      ),
    );
  }
  expect((await lab.status()).schemas).toMatchObject([
    { blocked: 1, applied: 1 },
    { blocked: 1, applied: 1 },
  ]);
  expect(await rows(`"Name" AS name`)).toEqual([{ name: Buffer.from([1]) }]);
});

test("PK change and nullability change: steps make them, and the result is as the files say", async () => {
  const place = column("Place", "integer", { nullable: false });
  want({ name: "Actor", columns: [ID, place, column("Name", "text", { nullable: false })] });
  await lab.apply();
  want({ name: "Actor", columns: [ID, place, column("Name", "text")], key: ["Id", "Place"] });
  expect((await lab.check()).differences.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(["PRIMARY_KEY_CHANGED", "NULLABILITY_CHANGED"]),
  );
  expect(await lab.apply()).toMatchObject({ complete: true, applied: 2 });
  expect((await lab.check()).differences).toEqual([]);
});

test("another application role: the step takes the former one's rights back, also where the new one had them before", async () => {
  await db.query("CREATE ROLE behaviour_former; CREATE ROLE behaviour_newer");
  const model = { customers: ["north", "south"], tables: [{ name: "Actor" }] };
  lab.generate({ ...model, applicationRole: "behaviour_former" });
  await lab.apply();
  lab.generate({ ...model, applicationRole: "behaviour_newer" });
  await db.query(`GRANT SELECT ON south."Actor" TO behaviour_newer`);
  expect(await lab.apply()).toMatchObject({ complete: true, applied: 2 });
  const { rows: rights } = await db.query(`SELECT DISTINCT grantee, table_schema AS schema, table_name AS name
    FROM information_schema.role_table_grants WHERE grantee LIKE 'behaviour_%' AND table_schema <> 'cdc_management' ORDER BY 2, 3`);
  const tables = ["north", "south"].flatMap((schema) => ["Actor", "stg_Actor"].map((name) => ({ schema, name })));
  expect(rights).toEqual(tables.map((table) => ({ grantee: "behaviour_newer", ...table })));
  expect((await lab.check()).differences).toEqual([]);
  expect(await lab.apply()).toMatchObject({ complete: true, applied: 0, adopted: 0 });
  await db.query("DROP OWNED BY behaviour_former, behaviour_newer; DROP ROLE behaviour_former, behaviour_newer");
});

test("a transform is no endless difference", async () => {
  want({ name: "Actor", transforms: ["split_name"] });
  await lab.apply();
  expect((await lab.check()).differences).toEqual([]);
  expect(await lab.apply()).toMatchObject({ applied: 0 });
});

test("table removed from config: it stays with its rows, and nothing is dropped", async () => {
  want({ name: "Actor" }, { name: "Film" });
  await lab.apply();
  await merge({ Id: 1, Name: "one" }, 1);
  want({ name: "Film" });
  expect(await lab.apply()).toMatchObject({ complete: true, applied: 0, tables: 2 });
  expect(await rows(`"Name" AS name`)).toEqual([{ name: "one" }]);
});

test("a column that leaves the configuration is kept, and the merge goes on without it", async () => {
  want({ name: "Actor", columns: [ID, column("Name", "text", { nullable: false })] });
  await lab.apply();
  await merge({ Id: 1, Name: "one" }, 1);
  want({ name: "Actor", columns: [ID] });
  expect(await lab.apply()).toMatchObject({ complete: true, applied: 2 });
  await merge({ Id: 2 }, 2);
  expect(await rows(`"Name" AS name`)).toEqual([{ name: "one" }, { name: null }]);
  expect((await lab.check()).differences).toEqual([]);
});

test("composite types keep length, precision and scale", async () => {
  want({
    name: "Actor",
    columns: [ID, column("a", "char(10)"), column("b", "numeric(10,2)"), column("c", "varchar(50)")],
  });
  await lab.apply();
  const found = await db.query<{ type: string }>(`SELECT format_type(atttypid, atttypmod) AS type FROM pg_attribute
    WHERE attrelid = 'north."Actor"'::regclass AND attnum BETWEEN 2 AND 4 ORDER BY attnum`);
  expect(found.rows.map(({ type }) => type)).toEqual(["character(10)", "numeric(10,2)", "character varying(50)"]);
});

test("a table that exists already is validated, never made or altered", async () => {
  want({ name: "Actor", targetExists: true });
  const missing = await lab.apply();
  expect(missing).toMatchObject({ complete: false, applied: 0 });
  expect(missing.units.map(({ error }) => error?.message).join()).toMatch(
    /north\.Actor does not exist.*south\.Actor does not exist/s,
  );
  const metadata = `__sync_timestamp timestamptz NOT NULL DEFAULT now(), __source text, __source_db text, __source_table text,
    __source_ts_ms bigint, __cdc_operation text, __cdc_position bytea, __cdc_column_positions jsonb`;
  const ddl = (name: string) => `"Id" bigint PRIMARY KEY, "Name" ${name}, mine int, ${metadata}`;
  await db.query(`CREATE TABLE north."Actor" (${ddl("text")}); CREATE TABLE south."Actor" (${ddl("varchar(5)")})`);
  const report = await lab.apply();
  expect(report).toMatchObject({ complete: false, applied: 1 });
  expect(report.units.find(({ schema }) => schema === "south")?.problems).toMatchObject([
    { object: "south.Actor.Name" },
  ]);
  await merge({ Id: 1, Name: "one" }, 1);
  expect(await rows(`"Name" AS name, mine`)).toEqual([{ name: "one", mine: null }]);
});
