import { closePools } from "../../databases/postgres/pool";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { ID, MigrationLab, NAME } from "../../test/harness/migration-lab";
import { column } from "../../test/harness/sink-model";

const ROLE = "migration_drift_app";
const T = 'north."Actor"';
const S = 'north."stg_Actor"';
const P = 'north."sp_merge_Actor"';
const AMOUNT = column("Amount", "numeric(8,2)");
const FILLED = column("_from", "text", { origin: "template", default: "'none'", nullable: false });

let db: TestDatabase;
let lab: MigrationLab;
beforeAll(async () => {
  db = await createTestDatabase();
  await db.query(`CREATE ROLE ${ROLE}`);
  lab = new MigrationLab(db);
  const customers = ["north", "south", "west"];
  lab.generate({ customers, tables: [{ name: "Actor", columns: [ID, NAME, AMOUNT, FILLED] }], applicationRole: ROLE });
  await lab.apply();
  await db.query(`INSERT INTO ${T} ("Id", "Name", "Amount") VALUES (1, 'one', 1.25);
    ALTER TABLE ${S} DISABLE TRIGGER USER; INSERT INTO ${S} ("Id", "Name") VALUES (2, 'two'); ALTER TABLE ${S} ENABLE TRIGGER USER`);
});
afterAll(async () => {
  lab.remove();
  await closePools();
  await db.drop();
  const cleaner = await createTestDatabase();
  await cleaner.query(`DROP ROLE ${ROLE}`);
  await cleaner.drop();
});

/** What somebody did by hand, what is told of it, and whether apply mends it by itself. */
const BY_HAND: readonly (readonly [title: string, sql: string, told: RegExp, healed: boolean])[] = [
  ["column type changed", `ALTER TABLE ${T} ALTER "Name" TYPE text`, /north\.Actor\.Name: type text/, false],
  ["column dropped", `ALTER TABLE ${T} DROP COLUMN "Amount"`, /north\.Actor\.Amount: the column is missing/, false],
  ["column made NOT NULL", `ALTER TABLE ${T} ALTER "Name" SET NOT NULL`, /north\.Actor\.Name: /, false],
  ["default changed", `ALTER TABLE ${T} ALTER _from SET DEFAULT 'other'`, /north\.Actor\._from: /, false],
  ["key dropped", `ALTER TABLE ${T} DROP CONSTRAINT "pk_Actor"`, /north\.Actor: .*key/, false],
  ["metadata column dropped", `ALTER TABLE ${T} DROP COLUMN __source`, /north\.Actor\.__source: /, false],
  ["index dropped", `DROP INDEX north."ix_sync_Actor"`, /north\.Actor: index/, true],
  ["right to read revoked", `REVOKE SELECT ON ${T} FROM ${ROLE}`, /north\.Actor: /, true],
  ["staging column dropped", `ALTER TABLE ${S} DROP COLUMN "Amount"`, /north\.stg_Actor: .*other columns/, true],
  ["staging type changed", `ALTER TABLE ${S} ALTER "Name" TYPE text`, /north\.stg_Actor: .*other columns/, true],
  ["staging made logged", `ALTER TABLE ${S} SET LOGGED`, /north\.stg_Actor: .*is logged/, true],
  ["trigger dropped", `DROP TRIGGER trg_mark_for_merge ON ${S}`, /trg_mark_for_merge is missing/, true],
  ["trigger disabled", `ALTER TABLE ${S} DISABLE TRIGGER trg_mark_for_merge`, /trg_mark_for_merge is disabled/, true],
  ["rights on staging revoked", `REVOKE INSERT ON ${S} FROM ${ROLE}`, /north\.stg_Actor: .*rights/, true],
  ["procedure dropped", `DROP PROCEDURE ${P}`, /north\.sp_merge_Actor: .*missing/, true],
  [
    "procedure replaced",
    `CREATE OR REPLACE PROCEDURE ${P}(INOUT result jsonb DEFAULT NULL, batch_size integer DEFAULT 1) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'BEGIN END'`,
    /north\.sp_merge_Actor: .*another body/,
    true,
  ],
  ["procedure made SECURITY INVOKER", `ALTER PROCEDURE ${P} SECURITY INVOKER`, /SECURITY DEFINER/, true],
  ["right to call revoked", `REVOKE EXECUTE ON PROCEDURE ${P} FROM ${ROLE}`, /may not call/, true],
  [
    "registration gone",
    `DELETE FROM cdc_management.merge_pending; DELETE FROM cdc_management.merge_control WHERE schema_name = 'north'`,
    /not registered/,
    true,
  ],
  ["right to use the schema revoked", `REVOKE USAGE ON SCHEMA north FROM ${ROLE}`, /may not use the schema/, true],
  ["management view dropped", `DROP VIEW cdc_management.v_dead_letters`, /v_dead_letters missing/, true],
  [
    "management function edited",
    `CREATE OR REPLACE FUNCTION cdc_management.mark_table_for_merge() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
    /mark_table_for_merge changed/,
    true,
  ],
];

describe("what was changed by hand is found by check and status, and mended without losing a row:", () => {
  test.each(BY_HAND)("%s", async (_title, sql, told, healed) => {
    await db.query(sql);
    const { differences } = await lab.check();
    expect(differences.map(({ object, summary }) => `${object}: ${summary}`).join("\n")).toMatch(told);
    const status = await lab.status();
    expect(status.upToDate).toBe(false);
    const applied = await lab.apply();
    expect(applied.complete).toBe(healed);
    if (!healed) {
      expect(
        applied.units.flatMap(({ problems }) => problems.map((one) => `${one.object}: ${one.summary}`)).join(),
      ).toMatch(told);
      expect(status.schemas.map(({ schema, drifted }) => [schema, drifted])).toEqual([
        ["north", 1],
        ["south", 0],
        ["west", 0],
      ]);
      expect(await lab.apply({ repair: true })).toMatchObject({ complete: true, applied: 1 });
    }
    expect((await lab.check()).differences).toEqual([]);
    expect(await lab.apply()).toMatchObject({ complete: true, applied: 0, adopted: 0, infrastructure: false });
    await expectRows();
  });
});

test("a column added by hand is told, kept, and keeps nothing from being applied", async () => {
  await db.query(`ALTER TABLE ${T} ADD COLUMN extra int`);
  expect((await lab.check()).differences).toMatchObject([{ kind: "COLUMN_UNEXPECTED", object: "north.Actor.extra" }]);
  const status = await lab.status();
  expect(status).toMatchObject({ upToDate: false, odd: [{ schema: "north", tables: ["Actor"] }] });
  const report = await lab.apply();
  expect(report).toMatchObject({
    complete: true,
    applied: 0,
    units: [{ warnings: [{ object: "north.Actor.extra" }] }],
  });
  await db.query(`ALTER TABLE ${T} DROP COLUMN extra`);
});

const GONE: readonly (readonly [title: string, sql: string])[] = [
  ["table", `DROP TABLE ${T}`],
  ["staging table", `DROP TABLE ${S}`],
  ["schema", `DROP SCHEMA north CASCADE`],
  ["management schema", `DROP SCHEMA cdc_management CASCADE`],
];

test.each(GONE)("a %s that is gone is made again", async (_title, sql) => {
  await db.query(sql);
  expect((await lab.status()).upToDate).toBe(false);
  expect(await lab.apply()).toMatchObject({ complete: true });
  expect(await lab.check()).toMatchObject({ differences: [], odd: [] });
});

async function expectRows(): Promise<void> {
  expect((await db.query(`SELECT "Id"::int AS id, "Name" AS name FROM ${T} WHERE "Id" = 1`)).rows).toEqual([
    { id: 1, name: "one" },
  ]);
  expect((await db.query(`SELECT "Id"::int AS id FROM ${S}`)).rows).toEqual([{ id: 2 }]);
}
