import fc from "fast-check";
import { procedureName, stagingName } from "../../model/identifier";
import type { SinkTable } from "../../model/sink";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { deployTables } from "../../test/harness/deploy-tables";
import { merge } from "../../test/harness/merge-lab";
import { column, sinkTable } from "../../test/harness/sink-model";
import { ident, qualified } from "../sql";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

describe("identifiers", () => {
  const names = [
    "O'Brien",
    'Q"uote',
    "Order Lines",
    "Order-Lines",
    'x"; DROP TABLE y; --',
    "$merge$",
    "back\\slash",
    "{{mustache}}",
    "%I %s",
    "100%",
  ];

  test("B18: tables and columns whose names need quotes merge", async () => {
    const tables = names.map((name) => named(name, name));
    await deployTables(database, tables);
    for (const table of tables) expect(await roundTrip(table)).toEqual([{ id: 1, value: "new" }]);
  });

  test("B19: tables that differ by case have procedures of their own", async () => {
    const tables = [named("Actor", "Name"), named("actor", "name")];
    await deployTables(database, tables);
    const [upper, lower] = tables as [SinkTable, SinkTable];
    await stageOne(upper, "upper", 1);
    await stageOne(lower, "lower", 1);
    expect(await merge(database, upper)).toMatchObject({ inserted: 1 });
    expect(await merge(database, lower)).toMatchObject({ inserted: 1 });
    expect([await rowsOf(upper), await rowsOf(lower)]).toEqual([
      [{ id: 1, value: "upper" }],
      [{ id: 1, value: "lower" }],
    ]);
  });

  test("B20: letters outside ASCII are the same in the table, staging and procedure", async () => {
    const table = named("Ærlig_Ø", "navnæøå");
    await deployTables(database, [table]);
    expect(await roundTrip(table)).toEqual([{ id: 1, value: "new" }]);
    const { rows } = await database.query(
      "SELECT column_name FROM information_schema.columns WHERE column_name = 'navnæøå'",
    );
    expect(rows).toHaveLength(2);
  });

  test("names of the procedure's own variables and aliases do no harm as columns", async () => {
    const columns = [
      "g",
      "t",
      "n",
      "k1",
      "pos",
      "v_row",
      "v_pos",
      "v_take",
      "result",
      "batch_size",
      "position",
      "key",
      "c",
      "value",
    ];
    const own = columns.map((name) => column(name, "text"));
    const table = sinkTable("odd", "Variables", {
      columns: [column("id", "integer", { nullable: false }), ...own],
      key: ["id"],
    });
    await deployTables(database, [table]);
    const list = columns.map(ident).join(", ");
    for (const [position, unchanged] of [
      ["01", "NULL"],
      ["02", "'{v_row}'"],
      ["03", "NULL"],
    ] as const) {
      await database.query(
        `INSERT INTO odd."stg_Variables" (id, ${list}, __cdc_operation, __cdc_position, __cdc_unchanged)
         VALUES (1, ${columns.map((name) => `'${name}${position}'`).join(", ")}, 'Update', '\\x${position}', ${unchanged})`,
      );
      expect(await merge(database, table)).toMatchObject({ dead: 0 });
    }
    const { rows } = await database.query('SELECT v_row, "value" FROM odd."Variables"');
    expect(rows).toEqual([{ v_row: "v_row03", value: "value03" }]);
  });

  test("any two names make a table that merges", () =>
    fc.assert(
      fc.asyncProperty(anyName, anyName, async (name, value) => {
        fc.pre(value !== "id" && Buffer.byteLength(name) < 50);
        const table = named(name, value);
        await deployTables(database, [table]);
        expect(await roundTrip(table)).toEqual([{ id: 1, value: "new" }]);
        await database.query(`DROP TABLE ${qualified("odd", name)}, ${qualified("odd", table.staging)}`);
      }),
      { numRuns: 25 },
    ));
});

const anyName = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
  .filter((name) => !name.includes("\0") && Buffer.byteLength(name) <= 63);

function named(name: string, value: string): SinkTable {
  const columns = [column("id", "integer", { nullable: false }), column(value, "varchar(100)")];
  return sinkTable("odd", name, { columns, key: ["id"], staging: stagingName(name), procedure: procedureName(name) });
}

async function stageOne(table: SinkTable, value: string, position: number, patch = false): Promise<void> {
  const name = ident(table.columns[1]?.name ?? "");
  await database.query(
    `INSERT INTO ${qualified(table.schema, table.staging)} (id, ${name}, __cdc_operation, __cdc_position, __cdc_unchanged)
     VALUES (1, $1, 'Update', $2, CASE WHEN $3 THEN '{}'::text[] END)`,
    [value, Buffer.from([position]), patch],
  );
}

/** Through the set-based path and through the row-by-row path. */
async function roundTrip(table: SinkTable): Promise<unknown[]> {
  await stageOne(table, "old", 1);
  await merge(database, table);
  await stageOne(table, "new", 2, true);
  await merge(database, table);
  return rowsOf(table);
}

async function rowsOf(table: SinkTable): Promise<unknown[]> {
  const name = ident(table.columns[1]?.name ?? "");
  return (await database.query(`SELECT id, ${name} AS value FROM ${qualified(table.schema, table.name)}`)).rows;
}
