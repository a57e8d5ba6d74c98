import { engineLab } from "../../test/harness/engine-lab";
import type { Kept } from "../../test/harness/provider";
import { column, sinkTable } from "../../test/harness/sink-model";

const lab = engineLab(() => Promise.resolve());

const ID = column("Id", "bigint", { nullable: false });

async function deploy(table = sinkTable("cust01", "Actor"), olds: Partial<Record<string, Kept>> = {}) {
  const inputs = lab.engine.tableInputs(table, { allowDrop: true });
  const management = await lab.engine.up("cdcManagement", lab.engine.managementInputs(), olds["management"]);
  const schema = await lab.engine.up("sinkSchema", lab.engine.schemaInputs(table.schema), olds["schema"]);
  const final = await lab.engine.up("sinkTable", inputs.sinkTable, olds["final"]);
  const staging = await lab.engine.up("stagingTable", inputs.stagingTable, olds["staging"]);
  const merge = await lab.engine.up("mergeProcedure", inputs.mergeProcedure, olds["merge"]);
  return { management, schema, final, staging, merge };
}

const NAMES = {
  management: "cdcManagement",
  schema: "sinkSchema",
  final: "sinkTable",
  staging: "stagingTable",
  merge: "mergeProcedure",
} as const;

test("create, refresh, second run, and destroy of all five resources", async () => {
  const made = await deploy();
  lab.engine.newRun();
  for (const [part, name] of Object.entries(NAMES)) {
    const kept = made[part as keyof typeof made];
    expect([part, (await lab.engine.refresh(name, kept))?.outputs]).toEqual([part, kept.outputs]);
    expect([part, await lab.engine.differs(name, kept)]).toEqual([part, false]);
  }
  expect(await lab.engine.statementsOf(() => deploy(undefined, made))).toBe(0);
  for (const [part, name] of Object.entries(NAMES).reverse())
    await lab.engine.destroy(name, made[part as keyof typeof made]);
  const left = await lab.db.query("SELECT nspname FROM pg_namespace WHERE nspname IN ('cust01', 'cdc_management')");
  expect(left.rows).toEqual([]);
});

test("create over what is already there sends no DDL for tables, and repairs what is half there", async () => {
  const table = sinkTable("cust02", "Actor");
  const made = await deploy(table);
  await lab.db.query('DROP PROCEDURE cust02."sp_merge_Actor"; ALTER TABLE cust02."Actor" DROP COLUMN "Name"');
  lab.engine.newRun();
  const again = await deploy(table);
  expect(again).toEqual(made);
  lab.engine.newRun();
  for (const [part, name] of Object.entries(NAMES)) {
    const kept = again[part as keyof typeof again];
    expect([part, (await lab.engine.refresh(name, kept))?.outputs]).toEqual([part, kept.outputs]);
  }
});

test("a default that PostgreSQL spells its own way is no drift", async () => {
  const columns = [
    ID,
    column("a", "text", { default: "'x'" }),
    column("b", "integer", { default: "-1" }),
    column("c", "timestamptz", { default: "CURRENT_TIMESTAMP" }),
    column("d", "text", { default: "upper('q' || 'r')" }),
  ];
  const made = await deploy(sinkTable("cust03", "Defaults", { columns }));
  lab.engine.newRun();
  expect((await lab.engine.refresh("sinkTable", made.final))?.outputs).toEqual(made.final.outputs);
  await lab.db.query(`ALTER TABLE cust03."Defaults" ALTER d SET DEFAULT upper('z')`);
  lab.engine.newRun();
  const drifted = await lab.engine.refresh("sinkTable", made.final);
  expect(drifted?.outputs["columns"]).toMatchObject({ d: "text default upper('z'::text)", a: "text default 'x'" });
});
