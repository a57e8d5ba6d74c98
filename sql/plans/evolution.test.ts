import type { SinkTable } from "../../model/sink";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { deployTables } from "../../test/harness/deploy-tables";
import { merge } from "../../test/harness/merge-lab";
import { column, sinkTable } from "../../test/harness/sink-model";
import type { Plan } from "../plan";
import { mergeProcedureProps, sinkTableProps, stagingTableProps } from "./from-model";
import { mergeProcedureOutputs, planMergeProcedure } from "./merge-procedure";
import type { SinkTableOutputs } from "./props";
import { planSinkTable } from "./sink-table";
import { planStagingTable, stagingTableOutputs } from "./staging-table";

const SETTINGS = { connection: "c", database: "d" };
const id = column("Id", "integer", { nullable: false });
const name = column("Name", "varchar(50)");
let database: TestDatabase;
let number = 0;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

describe("a table that changes", () => {
  test("B11: gains a column in all three objects while rows are staged, and merges on", async () => {
    const old = await deployed([id, name]);
    await stageRow(old, { Id: 1, Name: "a" });
    const news = changed(old, [
      id,
      name,
      column("Phone", "varchar(20)"),
      column("Seen", "integer", { nullable: false, default: "0" }),
    ]);
    const plan = planSinkTable(sinkTableProps(old, SETTINGS), sinkTableProps(news, SETTINGS));
    expect(plan.changes.map(({ kind, object }) => [kind, object])).toEqual([
      ["COLUMN_ADDED", `evo.${old.name}.Phone`],
      ["COLUMN_ADDED", `evo.${old.name}.Seen`],
    ]);
    await apply(old, news);
    await stageRow(news, { Id: 2, Name: "b", Phone: "123" });
    expect(await merge(database, news)).toMatchObject({ inserted: 2, dead: 0 });
    expect(await rows(news, '"Id", "Phone", "Seen"')).toEqual([
      { Id: 1, Phone: null, Seen: 0 },
      { Id: 2, Phone: "123", Seen: 0 },
    ]);
  });

  test("B10: changes a type in all three objects while rows are staged, and merges on", async () => {
    const old = await deployed([id, column("Code", "integer")]);
    await stageRow(old, { Id: 1, Code: 7 });
    await merge(database, old);
    await stageRow(old, { Id: 2, Code: 8 });
    const news = changed(old, [id, column("Code", "varchar(20)")]);
    await apply(old, news);
    await stageRow(news, { Id: 3, Code: "nine" });
    expect(await merge(database, news)).toMatchObject({ inserted: 2, dead: 0 });
    expect(await rows(news, '"Code"')).toEqual([{ Code: "7" }, { Code: "8" }, { Code: "nine" }]);
  });

  test("B10: a merge between the change of the table and that of staging keeps its rows staged", async () => {
    const old = await deployed([id, column("Code", "varchar(20)")]);
    await stageRow(old, { Id: 1, Code: "7" });
    const news = changed(old, [id, column("Code", "integer")]);
    await run(planSinkTable(sinkTableProps(old, SETTINGS), sinkTableProps(news, SETTINGS)));
    await expect(merge(database, old)).rejects.toMatchObject({ code: "42804" });
    await run(
      planStagingTable(stagingTableOutputs(stagingTableProps(old, SETTINGS)), stagingTableProps(news, SETTINGS)),
    );
    await run(planMergeProcedure(undefined, mergeProcedureProps(news, SETTINGS)));
    expect(await merge(database, news)).toMatchObject({ inserted: 1 });
  });

  test("staged wall-clock times count as UTC like the table's, whatever the session's time zone is", async () => {
    const old = await deployed([id, column("At", "timestamp(6)")]);
    await stageRow(old, { Id: 1, At: "2024-07-01 12:00:00" });
    await merge(database, old);
    await stageRow(old, { Id: 2, At: "2024-07-01 12:00:00" });
    const news = changed(old, [id, column("At", "timestamptz(6)")]);
    await database.query("SET TimeZone = 'Europe/Oslo'");
    await apply(old, news);
    expect((await database.query("SHOW TimeZone")).rows).toEqual([{ TimeZone: "Europe/Oslo" }]);
    await database.query("RESET TimeZone");
    await merge(database, news);
    const at = new Date("2024-07-01T12:00:00Z");
    expect(await rows(news, '"At"')).toEqual([{ At: at }, { At: at }]);
  });

  test("a table is marked for merge when its procedure is made only if rows are staged", async () => {
    const table = await deployed([id]);
    const marks = async () => {
      await run(planMergeProcedure(undefined, mergeProcedureProps(table, SETTINGS)));
      const of = "SELECT table_id FROM cdc_management.merge_control WHERE table_name = $1";
      const deleted = `DELETE FROM cdc_management.merge_pending WHERE table_id = (${of})`;
      return (await database.query(deleted, [table.name])).rowCount;
    };
    expect(await marks()).toBe(0);
    await stageRow(table, { Id: 1 });
    await marks();
    expect(await marks()).toBe(1);
  });

  test.each([
    ["varchar(50)", "varchar(5)", "'longer than five'", "no stored value is longer than 5 characters"],
    ["numeric(10,4)", "numeric(8,2)", "1.2345", "fits 8 digits"],
    ["bigint", "integer", "3000000000", "lies between"],
    ["timestamp(6)", "timestamp(3)", "'2024-01-01 10:00:00.123456'", "3 fraction digits"],
    ["timestamp(6)", "date", "'2024-01-01 10:00:00'", "midnight"],
    ["varchar(50)", "integer", "'not a number'", "valid value"],
    ["double precision", "integer", "1.5", "survives"],
    ["numeric", "real", "1.23456789123", "survives"],
  ])("%s to %s is refused when a stored value does not fit, and made when all do", async (from, to, value, reason) => {
    const old = await deployed([id, column("V", from)]);
    const news = changed(old, [id, column("V", to)]);
    const plan = planSinkTable(sinkTableProps(old, SETTINGS), sinkTableProps(news, SETTINGS));
    await database.query(`INSERT INTO evo."${old.name}" ("Id", "V") VALUES (1, NULL), (2, ${value})`);
    await expect(run(plan)).rejects.toMatchObject({
      code: "CDC05",
      message: expect.stringContaining(reason) as string,
    });
    expect(await typeOf(old, "V")).toBe(
      from.replace("varchar", "character varying").replace("(6)", "(6) without time zone"),
    );
    await database.query(`DELETE FROM evo."${old.name}" WHERE "Id" = 2`);
    await run(plan);
  });

  test("a new NOT NULL column without a default is refused while there are rows", async () => {
    const old = await deployed([id]);
    const plan = planSinkTable(
      sinkTableProps(old, SETTINGS),
      sinkTableProps(changed(old, [id, column("X", "integer", { nullable: false })]), SETTINGS),
    );
    await database.query(`INSERT INTO evo."${old.name}" ("Id") VALUES (1)`);
    await expect(run(plan)).rejects.toMatchObject({
      code: "CDC05",
      hint: "Make the column nullable or give it a default.",
    });
    await database.query(`DELETE FROM evo."${old.name}"`);
    await run(plan);
  });

  test("a removed column is kept with its values, and new rows fit without it", async () => {
    const old = await deployed([id, column("Gone", "text", { nullable: false })]);
    await stageRow(old, { Id: 1, Gone: "x" });
    await merge(database, old);
    const news = changed(old, [id]);
    await apply(old, news);
    await stageRow(news, { Id: 2 });
    expect(await merge(database, news)).toMatchObject({ inserted: 1, dead: 0 });
    expect(await rows(news, '"Gone"')).toEqual([{ Gone: "x" }, { Gone: null }]);
  });

  test("another primary key is made when it is unique, and refused when it is not", async () => {
    const old = await deployed([id, column("Code", "integer", { nullable: false })]);
    const news = { ...old, key: ["Code"] };
    await database.query(`INSERT INTO evo."${old.name}" ("Id", "Code") VALUES (1, 1), (2, 1)`);
    const plan = planSinkTable(sinkTableProps(old, SETTINGS), sinkTableProps(news, SETTINGS));
    expect(plan.changes).toMatchObject([
      { kind: "PRIMARY_KEY_CHANGED", severity: "breaking", hazard: { lock: "ACCESS EXCLUSIVE" } },
    ]);
    await expect(run(plan)).rejects.toMatchObject({ code: "CDC05" });
    await database.query(`UPDATE evo."${old.name}" SET "Code" = "Id"`);
    await apply(old, news);
    await stageRow(news, { Id: 9, Code: 1 });
    expect(await merge(database, news)).toMatchObject({ updated: 1 });
  });

  test("a change that has no conversion is a failure of its column, and sends nothing harmful", async () => {
    const old = await deployed([id, column("V", "uuid")]);
    const { failures } = planSinkTable(
      sinkTableProps(old, SETTINGS),
      sinkTableProps(changed(old, [id, column("V", "bytea")]), SETTINGS),
    );
    expect(failures).toMatchObject([{ property: "columns.V" }]);
  });

  test("drift in metadata columns, index, hand-made columns and staging is mended in place", async () => {
    const old = await deployed([id, name]);
    const [target, staging] = [`evo."${old.name}"`, `evo."${old.staging}"`];
    await stageRow(old, { Id: 1, Name: "a" });
    await database.query(`ALTER TABLE ${target} DROP COLUMN __cdc_column_positions, ADD COLUMN by_hand integer NOT NULL;
      DROP INDEX evo."ix_sync_${old.name}"; ALTER TABLE ${staging} DROP COLUMN __kafka_topic, DROP COLUMN __source_ts_ms,
        ADD COLUMN odd integer NOT NULL DEFAULT 1, ALTER COLUMN "Name" TYPE text, SET LOGGED, DISABLE TRIGGER trg_mark_for_merge`);
    const real: SinkTableOutputs = {
      ...sinkTableProps(old, SETTINGS),
      metadata: { ...metadataSpecs(), __cdc_column_positions: undefined as never },
      unexpected: ["by_hand"],
      index: false,
    };
    delete (real.metadata as Record<string, string>)["__cdc_column_positions"];
    await run(planSinkTable(real, sinkTableProps(old, SETTINGS)));
    const stagedOlds = { ...stagingTableOutputs(stagingTableProps(old, SETTINGS)), definition: "drift" };
    await run(planStagingTable(stagedOlds, stagingTableProps(old, SETTINGS)));
    expect(await merge(database, old)).toMatchObject({ inserted: 1, dead: 0 });
    const { rows: state } = await database.query(
      `SELECT c.relpersistence, t.tgenabled, to_regclass('evo."ix_sync_${old.name}"') IS NOT NULL AS index
       FROM pg_class AS c JOIN pg_trigger AS t ON t.tgrelid = c.oid WHERE c.oid = '${staging}'::regclass`,
    );
    expect(state).toEqual([{ relpersistence: "u", tgenabled: "O", index: true }]);
  });
});

describe("a table that goes", () => {
  test("is dropped when empty, refused while it holds rows, and dropped with them when that is allowed", async () => {
    const table = await deployed([id]);
    const props = sinkTableProps(table, SETTINGS);
    await database.query(`INSERT INTO evo."${table.name}" ("Id") VALUES (1)`);
    await expect(run(planSinkTable(props, undefined))).rejects.toMatchObject({ code: "CDC03" });
    const plan = planSinkTable({ ...props, allowDrop: true }, undefined);
    expect(plan.changes).toMatchObject([{ hazard: { dataLoss: true } }]);
    await run(plan);
    await run(planSinkTable(props, undefined));
  });

  test("leaves its tombstones behind when only the pipeline goes, and takes up where it was", async () => {
    const table = await deployed([id]);
    await stageRow(table, { Id: 1 }, 5, "Delete");
    await merge(database, table);
    const procedure = mergeProcedureProps(table, SETTINGS);
    await run(planMergeProcedure(mergeProcedureOutputs(procedure), undefined));
    await run(planMergeProcedure(undefined, procedure));
    await stageRow(table, { Id: 1 }, 3);
    expect(await merge(database, table)).toMatchObject({ inserted: 0, skipped: 1 });
  });
});

describe("a target that belongs to somebody else", () => {
  test("is never altered: what is missing is a failure with the statement that its owner can run", () => {
    const table = sinkTable("theirs", "Person", { columns: [id, name], targetExists: true });
    const wanted = sinkTableProps(table, SETTINGS);
    const real = {
      ...wanted,
      columns: { Id: "bigint not null", Name: "varchar(20)" },
      key: ["Name"],
      metadata: { __cdc_position: "text" },
    };
    const { statements, failures } = planSinkTable(real, { ...wanted, columns: { ...wanted.columns, Phone: "text" } });
    expect(statements).toEqual([]);
    expect(failures.map(({ property }) => property)).toEqual(
      expect.arrayContaining(["columns.Name", "columns.Phone", "columns.__cdc_position", "key"]),
    );
    expect(failures.map(({ reason }) => reason).join("\n")).toContain(
      'ALTER TABLE "theirs"."Person" ADD COLUMN "Phone" text;',
    );
    expect(planSinkTable(wanted, undefined).statements).toEqual([]);
  });

  test("must exist", async () => {
    const table = sinkTable("theirs", "Nobody", { targetExists: true });
    await expect(run(planSinkTable(undefined, sinkTableProps(table, SETTINGS)))).rejects.toMatchObject({
      code: "CDC08",
    });
  });
});

async function deployed(columns: SinkTable["columns"]): Promise<SinkTable> {
  number += 1;
  const table = sinkTable("evo", `T${String(number)}`, { columns });
  await deployTables(database, [table]);
  return table;
}

function changed(table: SinkTable, columns: SinkTable["columns"]): SinkTable {
  return sinkTable(table.schema, table.name, { columns });
}

async function apply(old: SinkTable, news: SinkTable): Promise<void> {
  await run(planSinkTable(sinkTableProps(old, SETTINGS), sinkTableProps(news, SETTINGS)));
  await run(planStagingTable(stagingTableOutputs(stagingTableProps(old, SETTINGS)), stagingTableProps(news, SETTINGS)));
  await run(
    planMergeProcedure(mergeProcedureOutputs(mergeProcedureProps(old, SETTINGS)), mergeProcedureProps(news, SETTINGS)),
  );
}

async function run({ statements, failures }: Plan): Promise<void> {
  expect(failures).toEqual([]);
  await database.query(statements.join("\n;\n"));
}

async function stageRow(
  table: SinkTable,
  values: Record<string, unknown>,
  position = 1,
  operation = "Insert",
): Promise<void> {
  const names = Object.keys(values).map((column) => `"${column}"`);
  const places = names.map((_name, index) => `$${String(index + 3)}`);
  await database.query(
    `INSERT INTO evo."${table.staging}" (__cdc_operation, __cdc_position, ${names.join(", ")}) VALUES ($1, $2, ${places.join(", ")})`,
    [operation, Buffer.from([position]), ...Object.values(values)],
  );
}

async function rows(table: SinkTable, list: string): Promise<unknown[]> {
  return (await database.query(`SELECT ${list} FROM evo."${table.name}" ORDER BY "Id"`)).rows;
}

async function typeOf(table: SinkTable, column: string): Promise<unknown> {
  const { rows: found } = await database.query<{ type: string }>(
    "SELECT format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = $1::regclass AND attname = $2",
    [`evo."${table.name}"`, column],
  );
  return found[0]?.type;
}

function metadataSpecs(): Record<string, string> {
  return {
    __sync_timestamp: "timestamptz not null default now()",
    __source: "text",
    __source_db: "text",
    __source_table: "text",
    __source_ts_ms: "bigint",
    __cdc_operation: "text",
    __cdc_position: "bytea",
    __cdc_column_positions: "jsonb",
  };
}
