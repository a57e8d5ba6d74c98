import fc from "fast-check";
import type { Client } from "pg";
import { deliveredHistory } from "../../test/arbitraries/staged-events";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { deployTables } from "../../test/harness/deploy-tables";
import { finalRows, labTable, merge, stage } from "../../test/harness/merge-lab";
import { modelOf, type StagedEvent } from "../../test/harness/merge-model";

const table = labTable("Rows");
const other = labTable("Other");
let database: TestDatabase;
let writer: Client;
let merger: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  await deployTables(database, [table, other]);
  writer = await database.connect();
  merger = await database.connect();
  for (const client of [writer, merger]) await client.query("SET lock_timeout = '5s'");
});
beforeEach(() =>
  database.query(`TRUNCATE lab."Rows", lab."Other", lab."stg_Rows", lab."stg_Other", cdc_management.merge_pending,
    cdc_management.tombstones, cdc_management.error_log; UPDATE cdc_management.merge_control SET retry_at = NULL`),
);
afterAll(() => database.drop());

describe("writers and merges at the same time", () => {
  test("B6: rows of a writer that has not committed yet are merged after it has, none is lost", async () => {
    await stage(database, table, events(1, 10));
    await writer.query("BEGIN");
    await stage(writer, table, events(11, 100));
    expect(await merge(merger, table)).toMatchObject({ staged: 10, inserted: 10 });
    await writer.query("COMMIT");
    await merger.query("CALL cdc_management.trigger_pending_merges()");
    expect(await count("Rows")).toBe(110);
    expect(await count("stg_Rows")).toBe(0);
  });

  test("B6: a writer that commits while a merge holds its locks is merged by the next one", async () => {
    await stage(database, table, events(1, 10));
    await merger.query("BEGIN");
    await merge(merger, table);
    await stage(writer, table, events(11, 20));
    await merger.query("COMMIT");
    await database.query("CALL cdc_management.trigger_pending_merges()");
    expect(await count("Rows")).toBe(30);
  });

  test("B7: a writer with open marks and a merge of all tables don't wait for each other", async () => {
    await stage(database, table, events(1, 5));
    await writer.query("BEGIN");
    await stage(writer, table, events(6, 5));
    await merger.query("CALL cdc_management.trigger_pending_merges()");
    await stage(writer, table, events(11, 5));
    await writer.query("COMMIT");
    await merger.query("CALL cdc_management.trigger_pending_merges()");
    expect(await count("Rows")).toBe(15);
    expect((await database.query("SELECT message FROM cdc_management.error_log")).rows).toEqual([]);
  });

  test("B7: a big staging table is given back only when no writer is in it", async () => {
    const filler = `INSERT INTO lab."stg_Rows" (h, k, r, lob, __cdc_operation, __cdc_position)
      SELECT 9, g, 'r', repeat('x', 1900), 'Insert', '\\x01' FROM generate_series(1, 36000) AS g`;
    await database.query(filler);
    await writer.query("BEGIN");
    await stage(writer, table, events(1, 1));
    await merge(merger, table);
    expect(await stagingBytes()).toBeGreaterThan(60_000_000);
    await writer.query("COMMIT");
    await merge(merger, table);
    expect(await stagingBytes()).toBe(0);
    expect(await count("Rows")).toBe(36_001);
  });

  test("B8: while one table is being merged, others are written and merged, and the same table is written", async () => {
    await stage(database, table, events(1, 5));
    await stage(database, other, events(1, 5));
    await merger.query("BEGIN");
    await merge(merger, table);
    await stage(writer, other, events(6, 5));
    await stage(writer, table, events(6, 5));
    await writer.query("CALL cdc_management.trigger_pending_merges()");
    expect(await count("Other")).toBe(10);
    await merger.query("COMMIT");
    await writer.query("CALL cdc_management.trigger_pending_merges()");
    expect(await count("Rows")).toBe(10);
  });

  test("B8: each table is merged in a transaction of its own", async () => {
    await stage(database, table, events(1, 5));
    await stage(database, other, events(1, 5));
    await database.query("CALL cdc_management.trigger_pending_merges()");
    const { rows } = await database.query(
      'SELECT count(DISTINCT xmin)::int AS n FROM (SELECT xmin::text FROM lab."Rows" UNION SELECT xmin::text FROM lab."Other") AS x',
    );
    expect(rows).toEqual([{ n: 2 }]);
  });

  test("B9: a table whose merge fails rests for a while, and the others go on", async () => {
    await database.query('ALTER TABLE lab."Rows" RENAME COLUMN a TO gone');
    await stage(database, table, events(1, 5));
    await stage(database, other, events(1, 5));
    await database.query("CALL cdc_management.trigger_pending_merges()");
    await database.query("CALL cdc_management.trigger_pending_merges()");
    expect(await count("Other")).toBe(5);
    expect(await count("stg_Rows")).toBe(5);
    expect((await database.query("SELECT table_name, sqlstate FROM cdc_management.v_recent_errors")).rows).toEqual([
      { table_name: "Rows", sqlstate: "42703" },
    ]);
    expect(await status()).toMatchObject({ status: "failing", error_count: 1 });
    await database.query(
      'ALTER TABLE lab."Rows" RENAME COLUMN gone TO a; UPDATE cdc_management.merge_control SET retry_at = now()',
    );
    await database.query("CALL cdc_management.trigger_pending_merges()");
    expect(await status()).toMatchObject({ status: "idle", error_count: 0 });
  });

  test("B21: a merge that is under way is seen by everybody", async () => {
    await stage(database, table, events(1, 5));
    expect(await status()).toMatchObject({ status: "pending", is_merging: false });
    await merger.query("BEGIN");
    await merge(merger, table);
    expect(await status()).toMatchObject({ status: "merging", is_merging: true });
    await merger.query("COMMIT");
    expect(await status()).toMatchObject({ status: "idle", is_merging: false });
  });

  test("two merges of one table follow each other", async () => {
    await stage(database, table, events(1, 5));
    await merger.query("BEGIN");
    await merge(merger, table);
    const second = merge(writer, table);
    await merger.query("COMMIT");
    expect(await second).toMatchObject({ staged: 0 });
  });

  test("a merge refuses other isolation levels, which could miss rows", async () => {
    await merger.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
    await expect(merge(merger, table)).rejects.toMatchObject({ code: "CDC07" });
    await merger.query("ROLLBACK");
  });

  test("any history that several sessions stage and merge at once gives the model's table", async () => {
    const seed = Date.now();
    const histories = fc.sample(deliveredHistory, { numRuns: 200, seed });
    const delivered = histories.flatMap(({ batches }, h) => batches.flat().map((event) => ({ ...event, h })));
    const sessions = [writer, merger, await database.connect(), await database.connect()];
    const shares = sessions.map((_session, place) =>
      delivered.filter((_event, index) => index % sessions.length === place),
    );
    await Promise.all(sessions.map((session, place) => stageAndMerge(session, shares[place] ?? [])));
    await merge(database, table);
    const model = modelOf(
      histories.flatMap(({ events: all }, h) => all.map((event) => ({ ...event, h }))),
      "hard",
    );
    expect({ seed, rows: await finalRows(database, table) }).toEqual({ seed, rows: model });
    expect(await count("stg_Rows")).toBe(0);
  });
});

async function stageAndMerge(session: Client, share: readonly StagedEvent[]): Promise<void> {
  const size = Math.ceil(share.length / 10);
  for (let from = 0; from < share.length; from += size) {
    await stage(session, table, share.slice(from, from + size));
    await merge(session, table);
  }
}

function events(first: number, number: number): StagedEvent[] {
  const base = { h: 1, operation: "Insert", r: "r", a: "a", b: null, lob: null, unchanged: [] } as const;
  return Array.from({ length: number }, (_, index) => ({ ...base, k: first + index, position: 1 }));
}

async function count(name: string): Promise<number> {
  return (await database.query<{ n: number }>(`SELECT count(*)::int AS n FROM lab."${name}"`)).rows[0]?.n ?? -1;
}

async function stagingBytes(): Promise<number> {
  const { rows } = await database.query<{ n: number }>(`SELECT pg_relation_size('lab."stg_Rows"')::int AS n`);
  return rows[0]?.n ?? -1;
}

async function status(): Promise<unknown> {
  return (await database.query("SELECT * FROM cdc_management.v_merge_status WHERE table_name = 'Rows'")).rows[0];
}
