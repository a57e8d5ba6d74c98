import { closePools } from "../../databases/postgres/pool";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { Engine, type HandlerName, type Kept } from "../../test/harness/provider";
import { column, sinkTable } from "../../test/harness/sink-model";
import { releaseLocks } from "./deploy-lock";

const COLUMNS = [
  column("Id", "bigint", { nullable: false }),
  column("Name", "varchar(50)"),
  column("Amount", "numeric(8,2)"),
  column("_customer", "text", { origin: "template", default: "'none'", nullable: false }),
];
const TABLE = sinkTable("north", "Actor", { columns: COLUMNS });

let db: TestDatabase;
let engine: Engine;
let made: Record<string, Kept>;

beforeAll(async () => {
  db = await createTestDatabase();
  engine = new Engine(db.config);
  await db.query("CREATE ROLE drift_app");
  const inputs = engine.tableInputs(TABLE, { applicationRole: "drift_app" });
  made = {
    cdcManagement: await engine.up("cdcManagement", engine.managementInputs({ applicationRole: "drift_app" })),
    sinkSchema: await engine.up("sinkSchema", engine.schemaInputs("north", "drift_app")),
    sinkTable: await engine.up("sinkTable", inputs.sinkTable),
    stagingTable: await engine.up("stagingTable", inputs.stagingTable),
    mergeProcedure: await engine.up("mergeProcedure", inputs.mergeProcedure),
  };
  await db.query(`INSERT INTO north."Actor" ("Id", "Name", "Amount") VALUES (1, 'one', 1.25);
    ALTER TABLE north."stg_Actor" DISABLE TRIGGER USER;
    INSERT INTO north."stg_Actor" ("Id", "Name") VALUES (2, 'two');
    ALTER TABLE north."stg_Actor" ENABLE TRIGGER USER`);
});
afterAll(async () => {
  await releaseLocks();
  await closePools();
  await db.drop();
  const cleaner = await createTestDatabase();
  await cleaner.query("DROP ROLE drift_app");
  await cleaner.drop();
});

const T = 'north."Actor"';
const S = 'north."stg_Actor"';
const P = 'north."sp_merge_Actor"';

/** What somebody did by hand, and the resource it is found in. */
const BY_HAND: readonly (readonly [title: string, name: HandlerName, sql: string])[] = [
  [
    "column added",
    "sinkTable",
    `ALTER TABLE ${T} ADD COLUMN extra int NOT NULL DEFAULT 1; ALTER TABLE ${T} ALTER extra DROP DEFAULT`,
  ],
  ["column dropped", "sinkTable", `ALTER TABLE ${T} DROP COLUMN "Amount"`],
  ["column type changed", "sinkTable", `ALTER TABLE ${T} ALTER "Name" TYPE text`],
  ["column made NOT NULL", "sinkTable", `ALTER TABLE ${T} ALTER "Name" SET NOT NULL`],
  ["default changed", "sinkTable", `ALTER TABLE ${T} ALTER _customer SET DEFAULT 'other'`],
  ["default dropped", "sinkTable", `ALTER TABLE ${T} ALTER _customer DROP DEFAULT`],
  ["metadata column dropped", "sinkTable", `ALTER TABLE ${T} DROP COLUMN __source`],
  ["metadata column's type changed", "sinkTable", `ALTER TABLE ${T} ALTER __source TYPE varchar(10)`],
  [
    "primary key dropped",
    "sinkTable",
    `DO $$ DECLARE c text; BEGIN SELECT conname INTO c FROM pg_constraint WHERE conrelid = '${T}'::regclass AND contype = 'p'; EXECUTE format('ALTER TABLE ${T} DROP CONSTRAINT %I', c); END $$`,
  ],
  [
    "index dropped",
    "sinkTable",
    `DO $$ DECLARE i text; BEGIN SELECT indexrelid::regclass::text INTO i FROM pg_index WHERE indrelid = '${T}'::regclass AND NOT indisprimary; EXECUTE 'DROP INDEX ' || i; END $$`,
  ],
  ["rights on the table revoked", "sinkTable", `REVOKE SELECT ON ${T} FROM drift_app`],
  ["staging column dropped", "stagingTable", `ALTER TABLE ${S} DROP COLUMN "Amount"`],
  ["staging column's type changed", "stagingTable", `ALTER TABLE ${S} ALTER "Name" TYPE text`],
  ["staging column added", "stagingTable", `ALTER TABLE ${S} ADD COLUMN extra int`],
  ["staging column made NOT NULL", "stagingTable", `ALTER TABLE ${S} ALTER "Id" SET NOT NULL`],
  ["staging made logged", "stagingTable", `ALTER TABLE ${S} SET LOGGED`],
  ["trigger dropped", "stagingTable", `DROP TRIGGER trg_mark_for_merge ON ${S}`],
  ["trigger disabled", "stagingTable", `ALTER TABLE ${S} DISABLE TRIGGER trg_mark_for_merge`],
  [
    "trigger made to fire per row",
    "stagingTable",
    `CREATE OR REPLACE TRIGGER trg_mark_for_merge AFTER INSERT ON ${S} FOR EACH ROW EXECUTE FUNCTION cdc_management.mark_table_for_merge()`,
  ],
  ["rights on staging revoked", "stagingTable", `REVOKE INSERT ON ${S} FROM drift_app`],
  [
    "procedure edited",
    "mergeProcedure",
    `CREATE OR REPLACE PROCEDURE ${P}(INOUT result jsonb DEFAULT NULL, batch_size integer DEFAULT 1) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'BEGIN END'`,
  ],
  ["procedure made SECURITY INVOKER", "mergeProcedure", `ALTER PROCEDURE ${P} SECURITY INVOKER`],
  ["procedure's search_path reset", "mergeProcedure", `ALTER PROCEDURE ${P} RESET search_path`],
  ["right to call the procedure revoked", "mergeProcedure", `REVOKE EXECUTE ON PROCEDURE ${P} FROM drift_app`],
  [
    "merge control row deleted",
    "mergeProcedure",
    `DELETE FROM cdc_management.merge_pending; DELETE FROM cdc_management.merge_control WHERE table_name = 'Actor'`,
  ],
  ["right to use the schema revoked", "sinkSchema", `REVOKE USAGE ON SCHEMA north FROM drift_app`],
  ["management view dropped", "cdcManagement", `DROP VIEW cdc_management.v_dead_letters`],
  [
    "management function edited",
    "cdcManagement",
    `CREATE OR REPLACE FUNCTION cdc_management.mark_table_for_merge() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
  ],
  ["management table dropped", "cdcManagement", `DROP TABLE cdc_management.error_log CASCADE`],
];

describe("drift by hand is found by refresh, shown as a change, and repaired without losing rows:", () => {
  test.each(BY_HAND)("%s", async (_title, name, sql) => {
    const before = made[name] as Kept;
    await db.query(sql);
    engine.newRun();
    const found = (await engine.refresh(name, before)) as Kept;
    expect(found.outputs).not.toEqual(before.outputs);
    expect(await engine.differs(name, found)).toBe(true);

    engine.newRun();
    made[name] = await engine.up(name, before.inputs, found);
    engine.newRun();
    expect((await engine.refresh(name, made[name]))?.outputs).toEqual(made[name].outputs);
    expect(await engine.differs(name, made[name])).toBe(false);
    await expectRows();
  });
});

const GONE: readonly (readonly [title: string, name: HandlerName, sql: string])[] = [
  ["procedure dropped", "mergeProcedure", `DROP PROCEDURE ${P}`],
  ["staging table dropped", "stagingTable", `DROP TABLE ${S}`],
  ["table dropped", "sinkTable", `DROP TABLE ${T}`],
  ["schema dropped", "sinkSchema", `DROP SCHEMA north CASCADE`],
  ["management schema dropped", "cdcManagement", `DROP SCHEMA cdc_management CASCADE`],
];

describe("an object that is gone is made again:", () => {
  test.each(GONE)("%s", async (_title, name, sql) => {
    const before = made[name] as Kept;
    await db.query(sql);
    engine.newRun();
    expect(await engine.refresh(name, before)).toBeUndefined();
    made[name] = await engine.up(name, before.inputs);
    engine.newRun();
    expect((await engine.refresh(name, made[name]))?.outputs).toEqual(made[name].outputs);
  });
});

async function expectRows(): Promise<void> {
  expect((await db.query(`SELECT "Id"::int AS id, "Name" AS name FROM ${T} WHERE "Id" = 1`)).rows).toEqual([
    { id: 1, name: "one" },
  ]);
  expect((await db.query(`SELECT "Id"::int AS id FROM ${S}`)).rows).toEqual([{ id: 2 }]);
}
