import { closePools } from "../databases/postgres/pool";
import { createTestDatabase, type TestDatabase } from "../test/harness/database";
import { deployTables } from "../test/harness/deploy-tables";
import { sinkTable } from "../test/harness/sink-model";
import { mergePending, mergeTable } from "./merge-pending";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await deployTables(database, [sinkTable("a", "T"), sinkTable("b", "T"), sinkTable("b", "Broken")]);
  // What is marked when a table is registered.
  await mergePending(database.config);
});

afterAll(async () => {
  await closePools();
  await database.drop();
});

async function stage(schema: string, table: string, ids: readonly number[]): Promise<void> {
  await database.query(
    `INSERT INTO ${schema}."stg_${table}" ("Id", __cdc_operation, __cdc_position)
     SELECT n, 'c', decode(lpad(to_hex(n), 50, '0'), 'hex') FROM unnest($1::int[]) AS n`,
    [ids],
  );
}

describe("merging what is staged", () => {
  test("goes through every table that has rows; one that fails holds up no other", async () => {
    await stage("a", "T", [1, 2]);
    await stage("b", "Broken", [1]);
    await stage("b", "T", [3]);
    await database.query(`ALTER TABLE b."Broken" RENAME TO "Gone"`);
    const merged = await mergePending(database.config);
    expect(merged.map(({ table, counts, error }) => [table, counts.inserted, error])).toEqual([
      ["a.T", 2, undefined],
      ["b.Broken", 0, expect.stringContaining("Broken")],
      ["b.T", 1, undefined],
    ]);
    expect(await mergePending(database.config)).toEqual([]);
  });

  test("of one table leaves the others", async () => {
    await stage("a", "T", [11]);
    await stage("b", "T", [12]);
    expect(await mergeTable(database.config, "a.T")).toMatchObject({ table: "a.T", counts: { inserted: 1 } });
    expect(await mergePending(database.config)).toMatchObject([{ table: "b.T" }]);
  });

  test.each([
    ["T", "--table T: several deployed tables have this name"],
    ["c.T", "--table c.T: no deployed table has this name"],
  ])("of a table named %s is refused", async (name, message) => {
    await expect(mergeTable(database.config, name)).rejects.toMatchObject({ code: "CDC_TABLE_UNKNOWN", message });
  });

  test("stops when it is told to", async () => {
    await stage("a", "T", [21]);
    expect(await mergePending(database.config, AbortSignal.abort())).toEqual([]);
  });
});
