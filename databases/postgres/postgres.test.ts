import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { acquireLock } from "./advisory-lock";
import { openCopy } from "./copy";
import { closePools } from "./pool";
import { inTransaction, queryRows, runStatements } from "./run";

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(async () => {
  await closePools();
  await db.drop();
});

describe("a batch of statements", () => {
  test("is one transaction: a failure in the last undoes the first", async () => {
    const failing = runStatements(db.config, ["CREATE TABLE half (a int) -- comment", "SELECT 1 / 0"], {
      object: "table half",
    });
    await expect(failing).rejects.toThrow("table half");
    expect((await db.query("SELECT to_regclass('half') AS found")).rows).toEqual([{ found: null }]);
  });

  test("gives one result per statement", async () => {
    const results = await runStatements(db.config, ["SELECT 1 AS a;", "SELECT 2 AS a"]);
    expect(results.map((result) => result.rows[0]?.["a"])).toEqual([1, 2]);
  });

  test("reads times the same way whatever the session's time zone is", async () => {
    const settings = ["SET TimeZone = 'Asia/Tokyo'", "SELECT 1"];
    await runStatements(db.config, settings);
    const [result] = await runStatements(db.config, ["SELECT '2020-01-01 00:00'::timestamptz AS at"]);
    expect(result?.rows).toEqual([{ at: new Date("2020-01-01T00:00:00Z") }]);
  });

  test("waits for a lock in short turns and succeeds once it is free", async () => {
    await db.query("CREATE TABLE busy (a int)");
    const other = await db.connect();
    await other.query("BEGIN; LOCK TABLE busy");
    const altered = runStatements(db.config, ["ALTER TABLE busy ADD COLUMN b int"], { lockTimeoutMs: 50 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    await other.query("COMMIT");
    await altered;
    expect(await queryRows(db.config, "SELECT a, b FROM busy")).toEqual([]);
  });

  test("reports a lock that is never freed with a remedy", async () => {
    await db.query("CREATE TABLE stuck (a int)");
    const other = await db.connect();
    await other.query("BEGIN; LOCK TABLE stuck");
    const options = { lockTimeoutMs: 20, attempts: 2, object: "table stuck" };
    const failing = runStatements(db.config, ["ALTER TABLE stuck ADD COLUMN b int"], options);
    await expect(failing).rejects.toMatchObject({
      code: "CDC_PG_LOCK_TIMEOUT",
      message: expect.stringContaining("table stuck"),
    });
    await other.query("ROLLBACK");
  });

  test("survives concurrent CREATE OR REPLACE of one function", async () => {
    const create = "CREATE OR REPLACE FUNCTION shared() RETURNS int LANGUAGE sql AS 'SELECT 1'";
    await Promise.all(Array.from({ length: 24 }, () => runStatements(db.config, [create])));
    expect(await queryRows(db.config, "SELECT shared() AS one")).toEqual([{ one: 1 }]);
  });
});

describe("a COPY", () => {
  const load = (lines: readonly string[]) =>
    inTransaction(db.config, async (client) => {
      const copy = openCopy(client, "COPY loaded FROM STDIN");
      for (const line of lines) await copy.write(line);
      return copy.finish();
    });

  beforeAll(async () => {
    await db.query("CREATE TABLE loaded (a int, b text)");
  });

  test("takes the rows and counts them", async () => {
    expect(await load(["1\tone\n2\ttwo\n", "3\t\\N\n"])).toBe(3);
    expect((await db.query("SELECT count(*)::int AS n FROM loaded")).rows).toEqual([{ n: 3 }]);
  });

  test("that the server refuses while chunks are still written fails there, and the connection stays usable", async () => {
    const bad = "x\ty\n".repeat(10_000);
    await expect(load(Array.from({ length: 200 }, () => bad))).rejects.toThrow(
      'invalid input syntax for type integer: "x"',
    );
    expect(await load(["4\tfour\n"])).toBe(1);
  });

  test("that is aborted leaves nothing", async () => {
    const failing = inTransaction(db.config, async (client) => {
      const copy = openCopy(client, "COPY loaded FROM STDIN");
      await copy.write("9\tnine\n");
      await copy.abort("changed my mind");
      throw new Error("stopped");
    });
    await expect(failing).rejects.toThrow("stopped");
    expect((await db.query("SELECT FROM loaded WHERE a = 9")).rowCount).toBe(0);
  });

  test("fails in the caller when the server goes away", async () => {
    const failing = inTransaction(db.config, async (client) => {
      const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
      const copy = openCopy(client, "COPY loaded FROM STDIN");
      await copy.write("8\teight\n");
      await db.query("SELECT pg_terminate_backend($1)", [rows[0]?.pid]);
      await new Promise((resolve) => setTimeout(resolve, 100));
      for (let i = 0; i < 100; i += 1) await copy.write("8\teight\n".repeat(10_000));
      return copy.finish();
    });
    await expect(failing).rejects.toMatchObject({ code: "CDC_PG_CLOSED" });
  });
});

describe("the deployment lock", () => {
  test("names its holder to the one who waits in vain", async () => {
    const lock = await acquireLock(db.config, 1);
    const seen: string[] = [];
    const second = acquireLock(db.config, 1, { timeoutMs: 300, onWait: (holder) => seen.push(holder) });
    await expect(second).rejects.toMatchObject({
      code: "CDC_PG_DEPLOY_LOCKED",
      message: expect.stringContaining("pulumi-cdc lock"),
    });
    expect(seen).toHaveLength(1);
    await lock.release();
  });

  test("passes on as soon as it is released", async () => {
    const first = await acquireLock(db.config, 2);
    const second = acquireLock(db.config, 2);
    await first.release();
    const lock = await second;
    expect(lock.held).toBe(true);
    await lock.release();
  });
});
