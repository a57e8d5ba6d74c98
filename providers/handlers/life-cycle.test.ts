import { closePools } from "../../databases/postgres/pool";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { Engine, type Kept } from "../../test/harness/provider";
import { column, sinkTable } from "../../test/harness/sink-model";
import { releaseLocks } from "./deploy-lock";

let db: TestDatabase;
let engine: Engine;
beforeAll(async () => {
  db = await createTestDatabase();
  engine = new Engine(db.config);
});
beforeEach(() => {
  engine.newRun();
});
afterAll(async () => {
  await releaseLocks();
  await closePools();
  await db.drop();
});

const ID = column("Id", "bigint", { nullable: false });

async function deploy(table = sinkTable("cust01", "Actor"), olds: Partial<Record<string, Kept>> = {}) {
  const inputs = engine.tableInputs(table, { allowDrop: true });
  const management = await engine.up("cdcManagement", engine.managementInputs(), olds["management"]);
  const schema = await engine.up("sinkSchema", engine.schemaInputs(table.schema), olds["schema"]);
  const final = await engine.up("sinkTable", inputs.sinkTable, olds["final"]);
  const staging = await engine.up("stagingTable", inputs.stagingTable, olds["staging"]);
  const merge = await engine.up("mergeProcedure", inputs.mergeProcedure, olds["merge"]);
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
  engine.newRun();
  for (const [part, name] of Object.entries(NAMES)) {
    const kept = made[part as keyof typeof made];
    expect([part, (await engine.refresh(name, kept))?.outputs]).toEqual([part, kept.outputs]);
    expect([part, await engine.differs(name, kept)]).toEqual([part, false]);
  }
  expect(await engine.statementsOf(() => deploy(undefined, made))).toBe(0);
  for (const [part, name] of Object.entries(NAMES).reverse())
    await engine.destroy(name, made[part as keyof typeof made]);
  const left = await db.query("SELECT nspname FROM pg_namespace WHERE nspname IN ('cust01', 'cdc_management')");
  expect(left.rows).toEqual([]);
});

test("create over what is already there sends no DDL for tables, and repairs what is half there", async () => {
  const table = sinkTable("cust02", "Actor");
  const made = await deploy(table);
  await db.query('DROP PROCEDURE cust02."sp_merge_Actor"; ALTER TABLE cust02."Actor" DROP COLUMN "Name"');
  engine.newRun();
  const again = await deploy(table);
  expect(again).toEqual(made);
  engine.newRun();
  for (const [part, name] of Object.entries(NAMES)) {
    const kept = again[part as keyof typeof again];
    expect([part, (await engine.refresh(name, kept))?.outputs]).toEqual([part, kept.outputs]);
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
  engine.newRun();
  expect((await engine.refresh("sinkTable", made.final))?.outputs).toEqual(made.final.outputs);
  await db.query(`ALTER TABLE cust03."Defaults" ALTER d SET DEFAULT upper('z')`);
  engine.newRun();
  const drifted = await engine.refresh("sinkTable", made.final);
  expect(drifted?.outputs["columns"]).toMatchObject({ d: "text default upper('z'::text)", a: "text default 'x'" });
});
