import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { Engine, type Kept } from "../../test/harness/provider";
import { column, sinkTable } from "../../test/harness/sink-model";
import type { TableHints } from "../../model/table-hints";
import { closePools } from "../../databases/postgres/pool";
import { releaseLocks } from "./deploy-lock";

const id = column("Id", "bigint", { nullable: false });
const RENAME: TableHints = { renames: [{ from: "Navn", to: "Name" }] };
let database: TestDatabase;
let engine: Engine;

beforeAll(async () => {
  database = await createTestDatabase();
  engine = new Engine(database.config);
  await engine.up("cdcManagement", engine.managementInputs());
  await engine.up("sinkSchema", engine.schemaInputs("cust01"));
});
afterAll(async () => {
  await releaseLocks();
  await closePools();
  await database.drop();
});
beforeEach(() => {
  engine.newRun();
});

describe("what the user says about changes, in a deployment", () => {
  test("a rename keeps the values, is nothing more to do afterwards, and its hint may go or stay", async () => {
    const table = await deployed("Renamed", "Navn");
    await database.query(`INSERT INTO cust01."Renamed" ("Id", "Navn") VALUES (1, 'kept')`);
    const hinted = inputs("Renamed", "Name", RENAME);
    const sinkTableKept = await engine.up("sinkTable", hinted.sinkTable, table.sinkTable);
    const stagingKept = await engine.up("stagingTable", hinted.stagingTable, table.stagingTable);
    expect((await database.query(`SELECT "Name" FROM cust01."Renamed"`)).rows).toEqual([{ Name: "kept" }]);
    expect(sinkTableKept.outputs).not.toHaveProperty("hints");
    expect(sinkTableKept.outputs).not.toHaveProperty("kept");
    expect(stagingKept.outputs).not.toHaveProperty("hints");
    engine.newRun();
    for (const next of [hinted, inputs("Renamed", "Name")]) {
      expect(await engine.differs("sinkTable", sinkTableKept, next.sinkTable)).toBe(false);
      expect(await engine.differs("stagingTable", stagingKept, next.stagingTable)).toBe(false);
    }
    const refreshed = await engine.refresh("sinkTable", sinkTableKept);
    expect(refreshed?.outputs).toEqual(sinkTableKept.outputs);
  });

  test("a column that was kept earlier can be renamed later, whatever its type was", async () => {
    const table = await deployed("Late", "Navn", "integer");
    await database.query(`INSERT INTO cust01."Late" ("Id", "Navn") VALUES (1, 7)`);
    const without = engine.tableInputs(sinkTable("cust01", "Late", { columns: [id] }));
    const kept = await engine.up("sinkTable", without.sinkTable, table.sinkTable);
    expect(kept.outputs).toMatchObject({ kept: ["Navn"] });
    engine.newRun();
    const after = await engine.up("sinkTable", inputs("Late", "Name", RENAME).sinkTable, kept);
    expect(after.outputs).not.toHaveProperty("kept");
    expect((await database.query(`SELECT "Name" FROM cust01."Late"`)).rows).toEqual([{ Name: "7" }]);
  });

  test("a drop and an add of one type is refused by check with a question, and goes through with either answer", async () => {
    const table = await deployed("Asked", "Navn");
    await expect(engine.up("sinkTable", inputs("Asked", "Name").sinkTable, table.sinkTable)).rejects.toThrow(
      "renames: [{from: Navn, to: Name}]",
    );
    const answered = inputs("Asked", "Name", { notRenamed: [{ from: "Navn", to: "Name" }] });
    expect((await engine.up("sinkTable", answered.sinkTable, table.sinkTable)).outputs).toMatchObject({
      kept: ["Navn"],
    });
  });

  test("a rename done by hand, or cut off after it was committed, is met as done", async () => {
    const table = await deployed("ByHand", "Navn");
    await database.query('ALTER TABLE cust01."ByHand" RENAME COLUMN "Navn" TO "Name"');
    const after = await engine.up("sinkTable", inputs("ByHand", "Name", RENAME).sinkTable, table.sinkTable);
    expect(after.outputs).not.toHaveProperty("kept");
  });

  test.each<[TableHints, string]>([
    [{ using: { Name: "1; DROP TABLE x" } }, "contains a semicolon"],
    [{ preSql: { Name: "COMMIT" } }, "is not an UPDATE"],
    [{ renames: [{ from: "", to: "Name" }] }, "must be a name"],
  ])("%j is refused by check", async (hints, reason) => {
    await expect(engine.up("sinkTable", inputs("Bad", "Name", hints).sinkTable)).rejects.toThrow(reason);
  });
});

function inputs(name: string, second: string, hints?: TableHints, type = "varchar(50)") {
  const more = hints === undefined ? {} : { hints };
  return engine.tableInputs(sinkTable("cust01", name, { columns: [id, column(second, type)], ...more }));
}

async function deployed(name: string, second: string, type?: string): Promise<{ sinkTable: Kept; stagingTable: Kept }> {
  const props = inputs(name, second, undefined, type);
  const made = await engine.up("sinkTable", props.sinkTable);
  return { sinkTable: made, stagingTable: await engine.up("stagingTable", props.stagingTable) };
}
