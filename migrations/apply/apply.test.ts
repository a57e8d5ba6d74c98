import { closePools } from "../../databases/postgres/pool";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { MigrationLab } from "../../test/harness/migration-lab";

let db: TestDatabase;
let lab: MigrationLab;
beforeEach(async () => {
  db = await createTestDatabase();
  lab = new MigrationLab(db);
});
afterEach(async () => {
  lab.remove();
  await closePools();
  await db.drop();
});

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
