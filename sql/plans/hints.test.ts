import type { TableHints } from "../../model/table-hints";
import type { SinkTable } from "../../model/sink";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { deployTables } from "../../test/harness/deploy-tables";
import { merge } from "../../test/harness/merge-lab";
import { column, sinkTable } from "../../test/harness/sink-model";
import type { Plan } from "../plan";
import { mergeProcedureProps, sinkTableProps, stagingTableProps } from "./from-model";
import { planMergeProcedure } from "./merge-procedure";
import { planSinkTable } from "./sink-table";
import { planStagingTable, stagingTableOutputs } from "./staging-table";

const SETTINGS = { connection: "c", database: "d" };
const id = column("Id", "integer", { nullable: false });
const name = column("Name", "varchar(50)");
const RENAMES: TableHints = {
  renames: [
    { from: "Id", to: "No" },
    { from: "Navn", to: "Full name" },
  ],
};
let database: TestDatabase;
let number = 0;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

describe("a declared rename", () => {
  test("keeps values, key and staged rows, in one change per column", async () => {
    const old = await deployed([id, column("Navn", "varchar(50)"), column("Amount", "integer")]);
    await stage(old, { Id: 1, Navn: "a", Amount: 1 }, 1);
    await merge(database, old);
    await stage(old, { Id: 2, Navn: "b", Amount: 2 }, 2);
    const news = changed(
      old,
      [column("No", "integer", { nullable: false }), column("Full name", "varchar(50)"), column("Amount", "integer")],
      RENAMES,
      ["No"],
    );
    const plan = planSinkTable(sinkTableProps(old, SETTINGS), sinkTableProps(news, SETTINGS));
    expect(plan.changes.map(({ kind, object }) => [kind, object])).toEqual([
      ["COLUMN_RENAMED", `hints.${old.name}.Full name`],
      ["COLUMN_RENAMED", `hints.${old.name}.No`],
    ]);
    await apply(old, news);
    expect(await merge(database, news)).toMatchObject({ inserted: 1, dead: 0 });
    expect(await rows(news, '"No", "Full name", "Amount"')).toEqual([
      { No: 1, "Full name": "a", Amount: 1 },
      { No: 2, "Full name": "b", Amount: 2 },
    ]);
  });

  test("leaves every merge right: patches and late events staged before it give what they give without it", async () => {
    const events = (table: SinkTable, [key, value]: [string, string]) => [
      () => stage(table, { [key]: 1, [value]: "first", Amount: 1 }, 1),
      () => stage(table, { [key]: 1, Amount: 9 }, 9, { __cdc_unchanged: [value] }),
      () => stage(table, { [key]: 2, Amount: 3 }, 3, { __cdc_unchanged: [value] }),
      () => stage(table, { [key]: 3, [value]: "gone", Amount: 1 }, 4),
      () => stage(table, { [key]: 3 }, 5, { __cdc_operation: "Delete" }),
    ];
    const late = (table: SinkTable, [key, value]: [string, string]) => [
      () => stage(table, { [key]: 1, [value]: "between", Amount: 5 }, 5),
      () => stage(table, { [key]: 2, [value]: "late", Amount: 0 }, 2),
      () => stage(table, { [key]: 1, Amount: 11 }, 11, { __cdc_unchanged: [value] }),
      () => stage(table, { [key]: 3, [value]: "dead", Amount: 7 }, 4),
      () => stage(table, { [key]: 4, Amount: 8 }, 8, { __cdc_unchanged: [value] }),
    ];
    const columns = [id, column("Navn", "varchar(50)"), column("Amount", "integer")];
    const renamed = [
      column("No", "integer", { nullable: false }),
      column("Full name", "varchar(50)"),
      column("Amount", "integer"),
    ];
    const [plain, other] = [await deployed(columns), await deployed(columns)];
    const before = ["Id", "Navn"] as [string, string];
    for (const event of [...events(plain, before), ...events(other, before)]) await event();
    await merge(database, plain);
    await merge(database, other);
    for (const event of [...late(plain, before), ...late(other, before)]) await event();
    await merge(database, plain);
    const news = changed(other, renamed, RENAMES, ["No"]);
    await apply(other, news);
    await merge(database, news);
    await apply(plain, changed(plain, renamed, RENAMES, ["No"]));
    const list = '"No", "Full name", "Amount", encode(__cdc_position, \'hex\') AS p, __cdc_column_positions AS c';
    const expected = await rows(plain, list);
    expect(await rows(news, list)).toEqual(expected);
    expect(expected.map((row) => (row as { c: unknown }).c)).toContainEqual({ "Full name": "05" });
    // And it goes on so: an event between takes the column that is older, and only that.
    await stage(news, { No: 1, "Full name": "newer", Amount: 0 }, 7);
    await merge(database, news);
    expect((await rows(news, '"No", "Full name", "Amount"'))[0]).toEqual({ No: 1, "Full name": "newer", Amount: 11 });
  });

  test("is followed by the change of its type, with rows staged before it", async () => {
    const old = await deployed([id, column("Code", "integer")]);
    await stage(old, { Id: 1, Code: 7 }, 1);
    const news = changed(old, [id, column("Tag", "varchar(20)")], { renames: [{ from: "Code", to: "Tag" }] });
    const kinds = planSinkTable(sinkTableProps(old, SETTINGS), sinkTableProps(news, SETTINGS)).changes.map(
      ({ kind }) => kind,
    );
    expect(kinds).toEqual(["COLUMN_RENAMED", "COLUMN_TYPE_CHANGED"]);
    await apply(old, news);
    await merge(database, news);
    expect(await rows(news, '"Tag"')).toEqual([{ Tag: "7" }]);
  });

  test("does nothing when it has been done, and nothing to a table that has both columns", async () => {
    const old = await deployed([id, column("Navn", "text")]);
    const news = changed(old, [id, column("Name", "text")], { renames: [{ from: "Navn", to: "Name" }] });
    await apply(old, news);
    const plan = planSinkTable(sinkTableProps(old, SETTINGS), sinkTableProps(news, SETTINGS));
    await run(plan);
    expect(planSinkTable(sinkTableProps(news, SETTINGS), sinkTableProps(news, SETTINGS)).statements).toEqual([]);
    const both = sinkTableProps(changed(old, [id, column("Navn", "text"), column("Name", "text")]), SETTINGS);
    expect(planSinkTable(both, sinkTableProps(news, SETTINGS)).changes.map(({ kind }) => kind)).toEqual([
      "COLUMN_REMOVED",
    ]);
  });

  test("goes along a chain of names from wherever a table is", async () => {
    const chain: TableHints = {
      renames: [
        { from: "A", to: "B" },
        { from: "B", to: "C" },
      ],
    };
    for (const first of ["A", "B"]) {
      const old = await deployed([id, column(first, "text")]);
      await stage(old, { Id: 1, [first]: "kept" }, 1);
      const news = changed(old, [id, column("C", "text")], chain);
      await apply(old, news);
      await merge(database, news);
      expect(await rows(news, '"C"')).toEqual([{ C: "kept" }]);
    }
  });

  test("is found in rows that were set aside, so that a retry brings their values", async () => {
    const old = await deployed([id, column("Navn", "text", { nullable: false }), column("Other", "text")]);
    await stage(old, { Id: 1, Other: "x" }, 1);
    expect(await merge(database, old)).toMatchObject({ dead: 1 });
    await database.query(
      `UPDATE cdc_management.dead_letters SET payload = payload || '{"Navn": "mended"}' WHERE table_name = $1`,
      [old.name],
    );
    const news = changed(old, [id, column("Name", "text", { nullable: false }), column("Other", "text")], {
      renames: [{ from: "Navn", to: "Name" }],
    });
    await apply(old, news);
    await database.query(
      "SELECT cdc_management.retry_dead_letter(id) FROM cdc_management.dead_letters WHERE table_name = $1",
      [old.name],
    );
    await merge(database, news);
    expect(await rows(news, '"Name", "Other"')).toEqual([{ Name: "mended", Other: "x" }]);
  });

  test("takes names with quotes and backslashes", async () => {
    const [from, to] = ['odd "name" \\ of', "it's {{new}}"];
    const old = await deployed([id, column(from, "text")]);
    await stage(old, { Id: 1 }, 2, { __cdc_unchanged: [from] });
    await merge(database, old);
    const news = changed(old, [id, column(to, "text")], { renames: [{ from, to }] });
    await apply(old, news);
    await stage(news, { Id: 1, [to]: "older" }, 1);
    await merge(database, news);
    expect(await rows(news, "*")).toMatchObject([{ [to]: "older", __cdc_column_positions: { [to]: "01" } }]);
  });
});

describe("a column that goes while one of its type comes", () => {
  const news = [id, column("Family name", "varchar(50)")];

  test("is a question that names both answers", () => {
    const { failures, changes } = planSinkTable(
      sinkTableProps(changed({ schema: "hints", name: "T" }, [id, name]), SETTINGS),
      sinkTableProps(changed({ schema: "hints", name: "T" }, news), SETTINGS),
    );
    expect(failures).toMatchObject([{ property: "columns.Family name", rename: { from: "Name", to: "Family name" } }]);
    expect(failures[0]?.reason).toContain('renames: [{from: Name, to: "Family name"}]');
    expect(failures[0]?.reason).toContain('not_renamed: [{from: Name, to: "Family name"}]');
    expect(changes.map(({ kind }) => kind)).not.toContain("RENAME_CANDIDATE");
  });

  test("is added beside the old one when the answer is no", async () => {
    const old = await deployed([id, name]);
    await stage(old, { Id: 1, Name: "kept" }, 1);
    await merge(database, old);
    const answered = changed(old, news, { notRenamed: [{ from: "Name", to: "Family name" }] });
    await apply(old, answered);
    expect(await rows(answered, '"Name", "Family name"')).toEqual([{ Name: "kept", "Family name": null }]);
  });
});

describe("SQL of the user's own", () => {
  test("takes the values to a type that PostgreSQL has no conversion to, staged ones too", async () => {
    const old = await deployed([id, column("V", "uuid")]);
    const value = "6f9619ff-8b86-d011-b42d-00c04fc964ff";
    await stage(old, { Id: 1, V: value }, 1);
    await merge(database, old);
    await stage(old, { Id: 2, V: value }, 2);
    const news = changed(old, [id, column("V", "bytea")], {
      using: { V: `decode(replace("V"::text, '-', ''), 'hex')` },
    });
    const { changes } = planSinkTable(sinkTableProps(old, SETTINGS), sinkTableProps(news, SETTINGS));
    expect(changes).toMatchObject([
      {
        severity: "breaking",
        hazard: { rewrite: true, dataLoss: true, text: expect.stringContaining("nothing checks") as string },
      },
    ]);
    await apply(old, news);
    await merge(database, news);
    expect(await rows(news, `encode("V", 'hex') AS v`)).toEqual([
      { v: value.replaceAll("-", "") },
      { v: value.replaceAll("-", "") },
    ]);
  });

  test("fills missing values before a column becomes NOT NULL, in the schema that it stands for", async () => {
    const old = await deployed([id, name]);
    await stage(old, { Id: 1 }, 1);
    await merge(database, old);
    const columns = [id, { ...name, nullable: false }, column("New", "integer", { nullable: false })];
    const fill = (list: string) => `UPDATE "{{SCHEMA}}"."${old.name}" SET ${list}`;
    const news = changed(old, columns, {
      preSql: { Name: fill(`"Name" = '-' WHERE "Name" IS NULL`), New: fill('"New" = "Id"') },
    });
    await apply(old, news);
    expect(await rows(news, '"Name", "New"')).toEqual([{ Name: "-", New: 1 }]);
  });

  test("that leaves a value missing is refused like none", async () => {
    const old = await deployed([id, name]);
    await stage(old, { Id: 1 }, 1);
    await merge(database, old);
    const news = changed(old, [id, { ...name, nullable: false }], { preSql: { Name: "SELECT 1" } });
    await expect(
      run(planSinkTable(sinkTableProps(old, SETTINGS), sinkTableProps(news, SETTINGS))),
    ).rejects.toMatchObject({ code: "CDC05" });
  });
});

async function deployed(columns: SinkTable["columns"]): Promise<SinkTable> {
  number += 1;
  const table = sinkTable("hints", `T${String(number)}`, { columns });
  await deployTables(database, [table]);
  return table;
}

function changed(
  table: Pick<SinkTable, "schema" | "name">,
  columns: SinkTable["columns"],
  hints?: TableHints,
  key = ["Id"],
): SinkTable {
  return sinkTable(table.schema, table.name, { columns, key, ...(hints === undefined ? {} : { hints }) });
}

async function apply(old: SinkTable, news: SinkTable): Promise<void> {
  await run(planSinkTable(sinkTableProps(old, SETTINGS), sinkTableProps(news, SETTINGS)));
  await run(planStagingTable(stagingTableOutputs(stagingTableProps(old, SETTINGS)), stagingTableProps(news, SETTINGS)));
  await run(planMergeProcedure(undefined, mergeProcedureProps(news, SETTINGS)));
}

async function run({ statements, failures }: Plan): Promise<void> {
  expect(failures).toEqual([]);
  await database.query(statements.join("\n;\n"));
}

async function stage(table: SinkTable, values: Record<string, unknown>, position: number, more = {}): Promise<void> {
  const all = { __cdc_operation: "Insert", __cdc_position: Buffer.from([position]), ...more, ...values };
  const names = Object.keys(all).map((column) => `"${column.replaceAll('"', '""')}"`);
  const places = names.map((_name, index) => `$${String(index + 1)}`);
  await database.query(
    `INSERT INTO hints."${table.staging}" (${names.join(", ")}) VALUES (${places.join(", ")})`,
    Object.values(all),
  );
}

async function rows(table: SinkTable, list: string): Promise<unknown[]> {
  return (await database.query(`SELECT ${list} FROM hints."${table.name}" ORDER BY 1`)).rows;
}
