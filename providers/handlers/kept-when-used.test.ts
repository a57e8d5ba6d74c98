import { closePools } from "../../databases/postgres/pool";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { Engine } from "../../test/harness/provider";
import { sinkTable } from "../../test/harness/sink-model";
import { releaseLocks } from "./deploy-lock";

let db: TestDatabase;
let engine: Engine;

beforeAll(async () => {
  db = await createTestDatabase();
  engine = new Engine(db.config);
});
afterAll(async () => {
  await releaseLocks();
  await closePools();
  await db.drop();
});

const schemas = async (): Promise<unknown[]> => {
  const { rows } = await db.query<{ name: string }>(
    "SELECT nspname AS name FROM pg_namespace WHERE nspname IN ('dbo', 'cdc_management') ORDER BY 1",
  );
  return rows.map(({ name }) => name);
};

test("what several stacks share goes with the last of them", async () => {
  const shared = { keepWhenUsed: true };
  const management = await engine.up("cdcManagement", { ...engine.managementInputs(), ...shared });
  const schema = await engine.up("sinkSchema", { ...engine.schemaInputs("dbo"), ...shared });
  const inputs = engine.tableInputs(sinkTable("dbo", "Orders"));
  const table = await engine.up("sinkTable", inputs.sinkTable);
  const staging = await engine.up("stagingTable", inputs.stagingTable);
  const merge = await engine.up("mergeProcedure", inputs.mergeProcedure);

  await engine.destroy("sinkSchema", schema);
  await engine.destroy("cdcManagement", management);
  expect(await schemas()).toEqual(["cdc_management", "dbo"]);

  await engine.destroy("mergeProcedure", merge);
  await engine.destroy("stagingTable", staging);
  await engine.destroy("sinkTable", table);
  await engine.destroy("sinkSchema", schema);
  await engine.destroy("cdcManagement", management);
  expect(await schemas()).toEqual([]);
});

test("a forced destroy loses the rows that an unforced one refuses to lose", async () => {
  await engine.up("sinkSchema", engine.schemaInputs("dbo"));
  const table = await engine.up("sinkTable", engine.tableInputs(sinkTable("dbo", "Orders")).sinkTable);
  await db.query('INSERT INTO dbo."Orders" ("Id") VALUES (1)');
  await expect(engine.destroy("sinkTable", table)).rejects.toThrow("still holds rows");
  process.env["CDC_FORCE_DESTROY"] = "1";
  try {
    await engine.destroy("sinkTable", table);
  } finally {
    delete process.env["CDC_FORCE_DESTROY"];
  }
  const { rows } = await db.query("SELECT to_regclass('dbo.\"Orders\"') AS found");
  expect(rows).toEqual([{ found: null }]);
});
