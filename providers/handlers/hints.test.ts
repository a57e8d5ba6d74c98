import { engineLab } from "../../test/harness/engine-lab";
import type { Kept } from "../../test/harness/provider";
import { column, sinkTable } from "../../test/harness/sink-model";
import type { TableHints } from "../../model/table-hints";

const id = column("Id", "bigint", { nullable: false });
const RENAME: TableHints = { renames: [{ from: "Navn", to: "Name" }] };
const lab = engineLab(async (engine) => {
  await engine.up("cdcManagement", engine.managementInputs());
  await engine.up("sinkSchema", engine.schemaInputs("cust01"));
});

describe("what the user says about changes, in a deployment", () => {
  test("a rename keeps the values, is nothing more to do afterwards, and its hint may go or stay", async () => {
    const table = await deployed("Renamed", "Navn");
    await lab.db.query(`INSERT INTO cust01."Renamed" ("Id", "Navn") VALUES (1, 'kept')`);
    const hinted = inputs("Renamed", "Name", RENAME);
    const sinkTableKept = await lab.engine.up("sinkTable", hinted.sinkTable, table.sinkTable);
    const stagingKept = await lab.engine.up("stagingTable", hinted.stagingTable, table.stagingTable);
    expect((await lab.db.query(`SELECT "Name" FROM cust01."Renamed"`)).rows).toEqual([{ Name: "kept" }]);
    expect(sinkTableKept.outputs).not.toHaveProperty("hints");
    expect(sinkTableKept.outputs).not.toHaveProperty("kept");
    expect(stagingKept.outputs).not.toHaveProperty("hints");
    lab.engine.newRun();
    for (const next of [hinted, inputs("Renamed", "Name")]) {
      expect(await lab.engine.differs("sinkTable", sinkTableKept, next.sinkTable)).toBe(false);
      expect(await lab.engine.differs("stagingTable", stagingKept, next.stagingTable)).toBe(false);
    }
    const refreshed = await lab.engine.refresh("sinkTable", sinkTableKept);
    expect(refreshed?.outputs).toEqual(sinkTableKept.outputs);
  });

  test("a column that was kept earlier can be renamed later, whatever its type was", async () => {
    const table = await deployed("Late", "Navn", "integer");
    await lab.db.query(`INSERT INTO cust01."Late" ("Id", "Navn") VALUES (1, 7)`);
    const without = lab.engine.tableInputs(sinkTable("cust01", "Late", { columns: [id] }));
    const kept = await lab.engine.up("sinkTable", without.sinkTable, table.sinkTable);
    expect(kept.outputs).toMatchObject({ kept: ["Navn"] });
    lab.engine.newRun();
    const after = await lab.engine.up("sinkTable", inputs("Late", "Name", RENAME).sinkTable, kept);
    expect(after.outputs).not.toHaveProperty("kept");
    expect((await lab.db.query(`SELECT "Name" FROM cust01."Late"`)).rows).toEqual([{ Name: "7" }]);
  });

  test("a drop and an add of one type is refused by check with a question, and goes through with either answer", async () => {
    const table = await deployed("Asked", "Navn");
    await expect(lab.engine.up("sinkTable", inputs("Asked", "Name").sinkTable, table.sinkTable)).rejects.toThrow(
      "renames: [{from: Navn, to: Name}]",
    );
    const answered = inputs("Asked", "Name", { notRenamed: [{ from: "Navn", to: "Name" }] });
    expect((await lab.engine.up("sinkTable", answered.sinkTable, table.sinkTable)).outputs).toMatchObject({
      kept: ["Navn"],
    });
  });

  test("a rename done by hand, or cut off after it was committed, is met as done", async () => {
    const table = await deployed("ByHand", "Navn");
    await lab.db.query('ALTER TABLE cust01."ByHand" RENAME COLUMN "Navn" TO "Name"');
    const after = await lab.engine.up("sinkTable", inputs("ByHand", "Name", RENAME).sinkTable, table.sinkTable);
    expect(after.outputs).not.toHaveProperty("kept");
  });

  test.each<[TableHints, string]>([
    [{ using: { Name: "1; DROP TABLE x" } }, "contains a semicolon"],
    [{ preSql: { Name: "COMMIT" } }, "is not an UPDATE"],
    [{ renames: [{ from: "", to: "Name" }] }, "must be a name"],
  ])("%j is refused by check", async (hints, reason) => {
    await expect(lab.engine.up("sinkTable", inputs("Bad", "Name", hints).sinkTable)).rejects.toThrow(reason);
  });
});

function inputs(name: string, second: string, hints?: TableHints, type = "varchar(50)") {
  const more = hints === undefined ? {} : { hints };
  return lab.engine.tableInputs(sinkTable("cust01", name, { columns: [id, column(second, type)], ...more }));
}

async function deployed(name: string, second: string, type?: string): Promise<{ sinkTable: Kept; stagingTable: Kept }> {
  const props = inputs(name, second, undefined, type);
  const made = await lab.engine.up("sinkTable", props.sinkTable);
  return { sinkTable: made, stagingTable: await lab.engine.up("stagingTable", props.stagingTable) };
}
