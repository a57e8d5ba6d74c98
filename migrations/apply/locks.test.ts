import { readCatalog } from "../../databases/postgres/catalog";
import { closePools } from "../../databases/postgres/pool";
import { startPostgres } from "../../sandbox/postgres";
import type { TestDatabase } from "../../test/harness/database";
import { ID, MigrationLab, NAME } from "../../test/harness/migration-lab";
import { column } from "../../test/harness/sink-model";

jest.setTimeout(180_000);

const NEWER = [ID, NAME, column("New", "integer")];
const LOCK_TIMEOUT_MS = 400;
/** How long the blocker stays: a reader that waits for it, and not only for the lock timeout, is cancelled. */
const BLOCKED_MS = 4_000;
const READER_TIMEOUT_MS = 2_000;

let db: TestDatabase;
let lab: MigrationLab;
beforeEach(async () => {
  lab = await MigrationLab.open();
  db = lab.db;
});
afterEach(() => lab.close());

test.each([
  ["table", `SELECT FROM north."Actor"`],
  ["staging table", `INSERT INTO north."stg_Actor" ("Id") VALUES (1)`],
])(
  "a long transaction on the %s blocks the step, no reader, and the step is made once it is over",
  async (_where, sql) => {
    lab.generate({ customers: ["north"], tables: [{ name: "Actor" }] });
    await lab.apply();
    const blocker = await db.connect();
    await blocker.query(`BEGIN; ${sql}`);
    lab.generate({ customers: ["north"], tables: [{ name: "Actor", columns: NEWER }] });

    let over = false as boolean;
    const applied = lab.apply({ lockTimeoutMs: LOCK_TIMEOUT_MS }).finally(() => (over = true));
    const reader = await db.connect();
    await reader.query(`SET statement_timeout = ${String(READER_TIMEOUT_MS)}`);
    const end = Date.now() + BLOCKED_MS;
    let blocked = 0;
    // As long as it takes until it tries, on a busy machine.
    while (Date.now() < end || (blocked === 0 && !over)) {
      await reader.query(`SELECT count(*) FROM north."Actor"`);
      const { rows } = await reader.query(`SELECT FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'`);
      blocked += rows.length;
    }
    // It did try, and it is still at it.
    expect([blocked > 0, over]).toEqual([true, false]);
    await blocker.query("COMMIT");
    expect(await applied).toMatchObject({ complete: true, applied: 1 });
    expect((await lab.check()).differences).toEqual([]);
  },
);

test("a lock that is never freed fails that table by name, and no other", async () => {
  lab.generate({ customers: ["north", "south"], tables: [{ name: "Actor" }] });
  await lab.apply();
  const blocker = await db.connect();
  await blocker.query(`BEGIN; SELECT FROM north."Actor"`);
  lab.generate({ customers: ["north", "south"], tables: [{ name: "Actor", columns: NEWER }] });
  const report = await lab.apply({ lockTimeoutMs: 10, attempts: 3 });
  expect(report).toMatchObject({ complete: false, applied: 1 });
  expect(report.units.flatMap(({ error }) => (error === undefined ? [] : [error]))).toMatchObject([
    { code: "CDC_PG_LOCK_TIMEOUT", message: expect.stringContaining("table north.Actor") as string },
  ]);
  await blocker.query("ROLLBACK");
  expect(await lab.apply()).toMatchObject({ complete: true, applied: 1 });
});

test("steps that do not lead to what the files want are rolled back, with the reason", async () => {
  lab.generate({ customers: ["north"], tables: [{ name: "Actor" }] });
  await lab.apply();
  await db.query(`ALTER TABLE north."Actor" ALTER "Name" TYPE text`);
  lab.generate({ customers: ["north"], tables: [{ name: "Actor", columns: NEWER }] });
  const before = await lab.history();
  const report = await lab.apply();
  expect(report).toMatchObject({ complete: false, applied: 0 });
  expect(report.units[0]?.error).toMatchObject({
    code: "CDC_MIGRATION_MISSED",
    message: expect.stringMatching(/north\.Actor.*north\.Actor\.Name: type text/) as string,
  });
  expect(await lab.history()).toEqual(before);
  expect((await db.query(`SELECT FROM information_schema.columns WHERE column_name = 'New'`)).rows).toEqual([]);
  expect(await lab.apply({ repair: true })).toMatchObject({ complete: true, applied: 1 });
  expect((await lab.check()).differences).toEqual([]);
});

test("one transaction for everything: all or nothing, and the same end", async () => {
  const tables = [{ name: "Actor" }, { name: "Film" }];
  lab.generate({ customers: ["north", "south"], tables });
  await db.query(`CREATE SCHEMA south; CREATE VIEW south."Film" AS SELECT 1 AS one`);
  await expect(lab.apply({ singleTransaction: true })).rejects.toThrow(/Film/);
  expect((await db.query("SELECT FROM pg_namespace WHERE nspname IN ('north', 'cdc_management')")).rows).toEqual([]);
  await db.query(`DROP VIEW south."Film"`);
  expect(await lab.apply({ singleTransaction: true })).toMatchObject({ complete: true, applied: 4 });
  lab.generate({ customers: ["north", "south"], tables: [{ name: "Actor", columns: NEWER }, { name: "Film" }] });
  expect(await lab.apply({ singleTransaction: true })).toMatchObject({ complete: true, applied: 2 });
  expect((await lab.check()).differences).toEqual([]);
  expect(await lab.apply()).toMatchObject({ complete: true, applied: 0, adopted: 0, infrastructure: false });
});

test("one transaction is refused before it starts when the server can't hold its locks, with the value that it needs", async () => {
  const settings = { max_connections: 20, max_locks_per_transaction: 10, fsync: "off" };
  const small = await startPostgres({ settings });
  const { host, port, user, password } = small;
  const config = { host, port, user, password, database: "postgres" };
  const own = new MigrationLab({ ...db, config });
  const want = (count: number) => {
    const tables = Array.from({ length: count }, (_, index) => ({ name: `T${String(index)}` }));
    own.generate({ customers: ["north"], tables });
  };
  try {
    want(8);
    await expect(own.apply({ singleTransaction: true })).rejects.toMatchObject({
      code: "CDC_TOO_MANY_LOCKS",
      message: expect.stringContaining("max_locks_per_transaction is 10, 12 is needed; nothing was changed") as string,
    });
    expect((await readCatalog(config)).schemas.has("north")).toBe(false);
    own.remove();
    want(5);
    expect(await own.apply({ singleTransaction: true })).toMatchObject({ complete: true, applied: 5 });
  } finally {
    own.remove();
    await closePools();
    await small.stop();
  }
});

describe("a run that ends early leaves whole tables, and the next run does the rest:", () => {
  const tables = Array.from({ length: 20 }, (_, index) => ({ name: `T${String(index)}` }));
  const made = async () => (await db.query("SELECT FROM pg_tables WHERE schemaname = 'north'")).rows.length / 2;
  const recorded = async () => (await lab.history()).filter((line) => line.includes(" north ")).length / 2;

  test("interrupted", async () => {
    lab.generate({ customers: ["north"], tables });
    const controller = new AbortController();
    const onDone = () => {
      controller.abort();
    };
    const report = await lab.apply({ onDone, signal: controller.signal });
    expect(report.complete).toBe(false);
    expect(report.applied).toBeLessThan(20);
    expect([await made(), await recorded()]).toEqual([report.applied, report.applied]);
    expect(await lab.apply()).toMatchObject({ complete: true, applied: 20 - report.applied });
  });

  test("its lock lost, so that another may have begun", async () => {
    lab.generate({ customers: ["north"], tables });
    let cut: Promise<unknown> | undefined;
    const onDone = () => {
      cut ??= db.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'pulumi-cdc apply lock' AND datname = current_database()`);
    };
    await expect(lab.apply({ onDone })).rejects.toMatchObject({ code: "CDC_PG_DEPLOY_LOCK_LOST" });
    await cut;
    const before = await made();
    expect(before).toBeLessThan(20);
    expect(await recorded()).toBe(before);
    expect(await lab.apply()).toMatchObject({ complete: true, applied: 20 - before });
  });
});
