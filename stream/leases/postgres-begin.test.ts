import { setTimeout as sleep } from "node:timers/promises";
import { closePools } from "../../databases/postgres/pool";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { takeLease } from "../../sql/take-lease";
import { deployTables } from "../../test/harness/deploy-tables";
import { PostgresLeases } from "./postgres-leases";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await deployTables(database, []);
});
afterAll(async () => {
  await closePools();
  await database.drop();
});

/** Waits until a session of the database waits for a lock. */
async function waiting(): Promise<void> {
  const found = () =>
    database.query("SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'");
  while ((await found()).rows.length === 0) await sleep(5);
}

test("of two that begin a lease in the same moment the later one doesn't harm the earlier one", async () => {
  const first = await database.connect();
  await first.query(["BEGIN", ...takeLease("begun", "north:1", 60_000)].join(";"));
  // Its clock is some milliseconds further, and so is the token that it would begin with.
  await sleep(20);
  const second = new PostgresLeases(database.config).take("begun", "south:2", 60_000);
  await waiting();
  const tokens = "SELECT token FROM cdc_management.leases WHERE name = 'begun'";
  const { rows: before } = await first.query(tokens);
  await first.query("COMMIT");
  expect(await second).toBe("north:1");
  expect((await first.query(tokens)).rows).toEqual(before);
});
