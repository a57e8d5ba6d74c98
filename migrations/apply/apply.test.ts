import type { Column } from "../../model/column";
import { closePools } from "../../databases/postgres/pool";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { catalogDump } from "../../test/harness/catalog-dump";
import { deployTables } from "../../test/harness/deploy-tables";
import { ID, MigrationLab, NAME } from "../../test/harness/migration-lab";
import { startPostgres15 } from "../../test/harness/other-server";
import { column, sinkTable } from "../../test/harness/sink-model";

let db: TestDatabase;
let lab: MigrationLab;
beforeEach(async () => {
  lab = await MigrationLab.open();
  db = lab.db;
});
afterEach(() => lab.close());

test("an empty database gets everything, with one row of the history per file and schema", async () => {
  lab.generate({ customers: ["north", "south"], tables: [{ name: "Actor" }, { name: "Film" }] });
  expect((await lab.status()).schemas[0]).toMatchObject({ schema: "north", tables: 2, pending: 2 });
  const report = await lab.apply();
  expect(report).toMatchObject({
    complete: true,
    infrastructure: true,
    applied: 4,
    adopted: 0,
    units: expect.anything(),
  });
  expect(await lab.history()).toEqual([
    "00-infrastructure/01-create-schemas.sql - applied",
    "00-infrastructure/02-cdc-management.sql - applied",
    ...["Actor-staging.sql", "Actor.sql", "Film-staging.sql", "Film.sql"].flatMap((file) =>
      ["north", "south"].map((schema) => `01-tables/{{SCHEMA}}/${file} ${schema} applied`),
    ),
  ]);
  expect(await lab.check()).toMatchObject({ differences: [], odd: [] });
  expect((await lab.status()).upToDate).toBe(true);
});

test("names that need quoting, and values that vary by customer, come out as the stack would make them", async () => {
  const template = { origin: "template" as const, nullable: false };
  const tables = ["o'brien", 'we"st', "north", "{{OPEN}}", "south $x$"].flatMap((schema) =>
    ["Order Lines", 'Q"uote', "O'Brien", "a/b", "actor", "Actor"].map((name) =>
      sinkTable(schema, name, {
        tenant: schema,
        source: { database: `Shop ${schema}`, schema: "dbo", table: name },
        columns: [ID, NAME, { ...column("_customer", "text", template), constant: `id of ${schema}` }],
      }),
    ),
  );
  lab.generateFrom(tables);
  expect(await lab.apply()).toMatchObject({ complete: true, applied: 30, tables: 30 });
  expect(await lab.check()).toMatchObject({ differences: [], odd: [] });
  const made = await catalogDump(db.config);
  const other = await createTestDatabase();
  await deployTables(other, tables);
  const planned = await catalogDump(other.config);
  await closePools();
  await other.drop();
  expect(made).toBe(planned);
  expect(await lab.apply()).toMatchObject({ complete: true, applied: 0, adopted: 0 });
});

test("PostgreSQL 15, the oldest that is supported, is served alike", async () => {
  const old = await startPostgres15();
  const { host, port, user, password } = old;
  const own = new MigrationLab({ ...db, config: { host, port, user, password, database: "postgres" } });
  try {
    const want = (...columns: Column[]) => {
      own.generate({
        customers: ["north", "south", "west"],
        tables: [{ name: "Actor", columns: [ID, NAME, ...columns] }],
      });
    };
    want();
    expect(await own.apply()).toMatchObject({ complete: true, applied: 3 });
    expect(await own.apply()).toMatchObject({ complete: true, applied: 0, adopted: 0, infrastructure: false });
    want(column("New", "integer"));
    expect(await own.apply()).toMatchObject({ complete: true, applied: 3 });
    expect(await own.check()).toMatchObject({ differences: [], odd: [] });
  } finally {
    own.remove();
    await closePools();
    await old.stop();
  }
});
