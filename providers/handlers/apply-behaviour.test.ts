import type { SinkTable } from "../../model/sink";
import { engineLab } from "../../test/harness/engine-lab";
import type { Kept } from "../../test/harness/provider";
import { column, sinkTable } from "../../test/harness/sink-model";

// One test per row of the "apply behaviour" table that the earlier generator failed, named after the row.

const lab = engineLab();

type Parts = Readonly<Record<"sinkTable" | "stagingTable" | "mergeProcedure", Kept>>;
const PARTS = ["sinkTable", "stagingTable", "mergeProcedure"] as const;

const ID = column("Id", "bigint", { nullable: false });
const NAME = column("Name", "varchar(50)");

async function deploy(table: SinkTable, olds?: Parts, more: { allowDrop?: boolean } = {}): Promise<Parts> {
  if (olds === undefined) await lab.engine.up("sinkSchema", lab.engine.schemaInputs(table.schema));
  const inputs = lab.engine.tableInputs(table, more);
  const sink = await lab.engine.up("sinkTable", inputs.sinkTable, olds?.sinkTable);
  const staging = await lab.engine.up("stagingTable", inputs.stagingTable, olds?.stagingTable);
  const merge = await lab.engine.up("mergeProcedure", inputs.mergeProcedure, olds?.mergeProcedure);
  return { sinkTable: sink, stagingTable: staging, mergeProcedure: merge };
}

/** Stages one event and merges. */
async function merge(schema: string, values: Record<string, string | number>, position: number): Promise<void> {
  const names = Object.keys(values).map((name) => `"${name}"`);
  const texts = Object.values(values).map((value) => `'${String(value)}'`);
  const at = position.toString(16).padStart(50, "0");
  await lab.db.query(
    `INSERT INTO ${schema}."stg_Actor" (${names.join(", ")}, __cdc_operation, __cdc_position)
     VALUES (${texts.join(", ")}, 'Insert', '\\x${at}')`,
  );
  await lab.db.query(`CALL ${schema}."sp_merge_Actor"()`);
}

const rowsOf = async (schema: string, columns: string) =>
  (await lab.db.query(`SELECT ${columns} FROM ${schema}."Actor" ORDER BY "Id"`)).rows;

test("second run: a no-op", async () => {
  const table = sinkTable("second", "Actor");
  const made = await deploy(table);
  lab.engine.newRun();
  expect(await lab.engine.statementsOf(() => deploy(table, made))).toBe(0);
});

test("new nullable column in source YAML: table, staging and merge follow", async () => {
  const made = await deploy(sinkTable("evolve", "Actor", { columns: [ID, NAME] }));
  await merge("evolve", { Id: 1, Name: "one" }, 1);
  lab.engine.newRun();
  await deploy(sinkTable("evolve", "Actor", { columns: [ID, NAME, column("Telefon", "varchar(20)")] }), made);
  await merge("evolve", { Id: 2, Name: "two", Telefon: "22" }, 2);
  expect(await rowsOf("evolve", `"Id"::int AS id, "Telefon" AS phone`)).toEqual([
    { id: 1, phone: null },
    { id: 2, phone: "22" },
  ]);
});

test("forcing the new DDL by hand: the next run takes it as it is, and staging and merge follow", async () => {
  const made = await deploy(sinkTable("forced", "Actor", { columns: [ID, NAME] }));
  await lab.db.query(`ALTER TABLE forced."Actor" ADD COLUMN "Telefon" varchar(20)`);
  lab.engine.newRun();
  await deploy(sinkTable("forced", "Actor", { columns: [ID, NAME, column("Telefon", "varchar(20)")] }), made);
  await merge("forced", { Id: 2, Name: "two", Telefon: "22" }, 2);
  expect(await rowsOf("forced", `"Telefon" AS phone`)).toEqual([{ phone: "22" }]);
});

test("crash between COMMIT and the record of it: the next run heals by itself", async () => {
  const table = sinkTable("crashed", "Actor");
  const lost = await deploy(table);
  lab.engine.newRun();
  // The state never learnt of the first run.
  expect(await deploy(table)).toEqual(lost);
});

test("two concurrent applies on an empty schema: both end well", async () => {
  const tables = Array.from({ length: 8 }, (_, index) => sinkTable("both", `T${String(index)}`));
  await lab.engine.up("sinkSchema", lab.engine.schemaInputs("both"));
  const inputs = tables.map((table) => lab.engine.tableInputs(table).sinkTable);
  await Promise.all([...inputs, ...inputs].map((input) => lab.engine.up("sinkTable", input)));
  const found = await lab.db.query("SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'both'");
  expect(found.rows).toEqual([{ n: 8 }]);
});

test("a destructive change stays refused at the second attempt, and loses nothing", async () => {
  const made = await deploy(sinkTable("refused", "Actor", { columns: [ID, NAME] }));
  await merge("refused", { Id: 1, Name: "a name of some length" }, 1);
  const narrower = sinkTable("refused", "Actor", { columns: [ID, column("Name", "varchar(5)")] });
  for (const attempt of [1, 2]) {
    lab.engine.newRun();
    expect([attempt, await deploy(narrower, made).catch((error: unknown) => String(error))]).toEqual([
      attempt,
      expect.stringMatching(/longer than 5|varchar\(5\)/),
    ]);
  }
  expect(await rowsOf("refused", `"Name" AS name`)).toEqual([{ name: "a name of some length" }]);
});

test("PK change: shown as a change, and made when the rows allow it", async () => {
  const columns = [ID, column("Place", "integer", { nullable: false })];
  const made = await deploy(sinkTable("rekeyed", "Actor", { columns }));
  const wanted = sinkTable("rekeyed", "Actor", { columns, key: ["Id", "Place"] });
  expect(await lab.engine.differs("sinkTable", made.sinkTable, lab.engine.tableInputs(wanted).sinkTable)).toBe(true);
  await deploy(wanted, made);
  const key = await lab.db.query(`SELECT pg_get_constraintdef(oid) AS key FROM pg_constraint
    WHERE conrelid = 'rekeyed."Actor"'::regclass AND contype = 'p'`);
  expect(key.rows).toEqual([{ key: 'PRIMARY KEY ("Id", "Place")' }]);
});

test("nullability change: shown as a change, and made", async () => {
  const made = await deploy(
    sinkTable("nulls", "Actor", { columns: [ID, column("Name", "text", { nullable: false })] }),
  );
  const wanted = sinkTable("nulls", "Actor", { columns: [ID, column("Name", "text")] });
  expect(await lab.engine.differs("sinkTable", made.sinkTable, lab.engine.tableInputs(wanted).sinkTable)).toBe(true);
  await deploy(wanted, made);
  await merge("nulls", { Id: 1 }, 1);
  expect(await rowsOf("nulls", `"Name" AS name`)).toEqual([{ name: null }]);
});

test("a transform is no endless difference", async () => {
  const made = await deploy(sinkTable("transformed", "Actor", { transforms: ["split_name"] }));
  for (const name of PARTS) expect([name, await lab.engine.differs(name, made[name])]).toEqual([name, false]);
});

test("a column that leaves the configuration is kept in the table, and the merge goes on without it", async () => {
  const made = await deploy(
    sinkTable("removed", "Actor", { columns: [ID, column("Name", "text", { nullable: false })] }),
  );
  await merge("removed", { Id: 1, Name: "one" }, 1);
  lab.engine.newRun();
  const after = await deploy(sinkTable("removed", "Actor", { columns: [ID] }), made);
  await merge("removed", { Id: 2 }, 2);
  expect(await rowsOf("removed", `"Name" AS name`)).toEqual([{ name: "one" }, { name: null }]);
  expect(after.sinkTable.outputs["kept"]).toEqual(["Name"]);
  lab.engine.newRun();
  expect((await lab.engine.refresh("sinkTable", after.sinkTable))?.outputs).toEqual(after.sinkTable.outputs);
});

test("table removed from config: a table with rows is not dropped unless that is allowed", async () => {
  const table = sinkTable("kept", "Actor");
  const made = await deploy(table);
  await merge("kept", { Id: 1 }, 1);
  await expect(lab.engine.destroy("sinkTable", made.sinkTable)).rejects.toThrow(/still holds rows.*cdc:allowDrop/s);
  expect(await rowsOf("kept", `"Id"::int AS id`)).toEqual([{ id: 1 }]);
  const allowed = await deploy(table, made, { allowDrop: true });
  await lab.engine.destroy("mergeProcedure", allowed.mergeProcedure);
  await lab.engine.destroy("stagingTable", allowed.stagingTable);
  await lab.engine.destroy("sinkTable", allowed.sinkTable);
  expect((await lab.db.query("SELECT FROM pg_tables WHERE schemaname = 'kept'")).rowCount).toBe(0);
});

test("composite types keep length, precision and scale", async () => {
  const columns = [ID, column("a", "char(10)"), column("b", "numeric(10,2)"), column("c", "varchar(50)")];
  await deploy(sinkTable("typed", "Actor", { columns }));
  const found = await lab.db.query(`SELECT format_type(atttypid, atttypmod) AS type FROM pg_attribute
    WHERE attrelid = 'typed."Actor"'::regclass AND attnum BETWEEN 2 AND 4 ORDER BY attnum`);
  expect(found.rows.map((row) => row["type"] as string)).toEqual([
    "character(10)",
    "numeric(10,2)",
    "character varying(50)",
  ]);
});

test("a table without a key is refused before anything is made", async () => {
  const inputs = lab.engine.tableInputs(sinkTable("keyless", "Actor", { key: [] })).sinkTable;
  await expect(lab.engine.up("sinkTable", inputs)).rejects.toThrow("a table without a key cannot be merged");
});
