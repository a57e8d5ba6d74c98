import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { deployTables } from "../../test/harness/deploy-tables";
import { finalRows, labTable, merge, positionHex, rowVersions, stage } from "../../test/harness/merge-lab";
import type { StagedEvent } from "../../test/harness/merge-model";

const table = labTable("Rows");
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await deployTables(database, [table]);
});
beforeEach(async () => {
  await database.query(
    `TRUNCATE lab."Rows", lab."stg_Rows", cdc_management.tombstones, cdc_management.dead_letters,
       cdc_management.cdc_processing_log; ALTER TABLE lab."Rows" DROP CONSTRAINT IF EXISTS no_bad`,
  );
});
afterAll(() => database.drop());

describe("rows and their order", () => {
  test.each([
    ["25,000 keys in descending order", 25_000, "ORDER BY x.g DESC"],
    ["10,001 keys at random", 10_001, "ORDER BY hashint4(g)"],
  ])("B1: %s are all merged, in one call and in small batches", async (_title, count, order) => {
    for (const batchSize of [1_000_000, 2_000]) {
      await database.query('TRUNCATE lab."Rows"');
      await stageMany(count, order);
      expect(await merge(database, table, batchSize)).toMatchObject({ staged: count, inserted: count, remaining: 0 });
      expect(await counts()).toEqual({ rows: count, staged: 0 });
    }
  });

  test("B1: of 25,000 events over 12,000 keys the newest of each is stored", async () => {
    await stageMany(25_000, "ORDER BY hashint4(g)", "g * 7919 % 12000");
    await merge(database, table, 3_000);
    const { rows } = await database.query(
      `SELECT count(*)::int AS wrong FROM lab."Rows" AS t
       JOIN (SELECT g * 7919 % 12000 AS k, max(g) AS newest FROM generate_series(1, 25000) AS g GROUP BY 1) AS m USING (k)
       WHERE t.a <> m.newest::text`,
    );
    expect(rows).toEqual([{ wrong: 0 }]);
    expect(await counts()).toMatchObject({ staged: 0 });
  });

  test.each(["Delete", "DELETE", "delete", "d", "D"])("B2: operation %s deletes", async (operation) => {
    await mergeOne(event(1, "stored"));
    await stage(database, table, [{ ...event(2, ""), operation: operation as "Delete" }]);
    expect(await merge(database, table)).toMatchObject({ deleted: 1, inserted: 0, updated: 0 });
    expect(await finalRows(database, table)).toEqual([]);
  });

  test("a key that is deleted and inserted again in one batch is stored once, with its new values", async () => {
    await mergeOne(event(1, "old"));
    await stage(database, table, [
      { ...event(2, ""), operation: "Delete" },
      { ...event(3, "new"), operation: "Insert" },
    ]);
    await merge(database, table);
    expect(await finalRows(database, table)).toMatchObject([{ a: "new", position: 3 }]);
  });

  test("B3: an older event that comes in a later merge changes nothing", async () => {
    await mergeOne(event(200, "new"));
    expect(await mergeOne(event(150, "old"))).toMatchObject({ skipped: 1, updated: 0 });
    expect(await finalRows(database, table)).toMatchObject([{ a: "new", position: 200 }]);
  });

  test("B4: of three versions with the same time the last position wins, for all of 2,000 keys", async () => {
    await database.query(
      `INSERT INTO lab."stg_Rows" (h, k, r, a, __cdc_operation, __source_ts_ms, __cdc_position)
       SELECT 1, k, 'r', 'v' || v, 'Update', 1700000000000, decode(lpad(to_hex(k * 3 + v), 48, '0') || '04', 'hex')
       FROM generate_series(1, 2000) AS k, generate_series(1, 3) AS v ORDER BY hashint4(k * 3 + v)`,
    );
    await merge(database, table);
    const { rows } = await database.query('SELECT a, count(*)::int AS n FROM lab."Rows" GROUP BY a');
    expect(rows).toEqual([{ a: "v3", n: 2000 }]);
  });

  test("B5: an event without a position wins over nothing: it becomes a dead letter", async () => {
    await mergeOne(event(999, "good"));
    await database.query(
      `INSERT INTO lab."stg_Rows" (h, k, r, a, __cdc_operation) VALUES (1, 1, 'r', 'old', 'Update')`,
    );
    expect(await merge(database, table)).toMatchObject({ staged: 1, dead: 1, updated: 0 });
    expect(await finalRows(database, table)).toMatchObject([{ a: "good" }]);
    expect(await deadLetters()).toMatchObject([{ reason: "the event has no position", sqlstate: null }]);
  });

  test("an event without a key becomes a dead letter that names the column", async () => {
    await database.query(
      `INSERT INTO lab."stg_Rows" (h, k, r, __cdc_operation, __cdc_position) VALUES (1, NULL, 'r', 'Insert', '\\x01')`,
    );
    await merge(database, table);
    expect(await deadLetters()).toMatchObject([{ reason: "key column k is NULL", operation: "Insert" }]);
  });

  test("B9: one bad row in 5,001 blocks nobody, and a replay adds no second dead letter", async () => {
    await database.query(`ALTER TABLE lab."Rows" ADD CONSTRAINT no_bad CHECK (a <> '4000')`);
    for (const attempts of [1, 2]) {
      await stageMany(5_001, "ORDER BY x.g");
      // As a default of the moment would be: the same event all the same.
      await database.query(`UPDATE lab."stg_Rows" SET b = clock_timestamp()::text, __source = 'pipe'`);
      expect(await merge(database, table)).toMatchObject({ staged: 5_001, dead: 1 });
      expect(await counts()).toEqual({ rows: 5_000, staged: 0 });
      expect(await deadLetters()).toMatchObject([
        { sqlstate: "23514", attempts, pipeline: "pipe", payload: { a: "4000" } },
      ]);
    }
  });

  test("B9: a retried dead letter is merged in its place, by its position", async () => {
    await database.query(`ALTER TABLE lab."Rows" ADD CONSTRAINT no_bad CHECK (a <> 'bad')`);
    await mergeOne(event(5, "bad"));
    await mergeOne({ ...event(7, "later"), k: 2 });
    await database.query('ALTER TABLE lab."Rows" DROP CONSTRAINT no_bad');
    await database.query("SELECT cdc_management.retry_dead_letter(id) FROM cdc_management.v_dead_letters");
    expect(await merge(database, table)).toMatchObject({ inserted: 1, dead: 0 });
    expect(await finalRows(database, table)).toMatchObject([{ k: 1, a: "bad", position: 5 }, { k: 2 }]);
    expect((await database.query("SELECT * FROM cdc_management.v_dead_letters")).rows).toEqual([]);
  });

  test("B13: counters and log have the rows that changed", async () => {
    await stageMany(10, "");
    await merge(database, table);
    const before = await totals();
    await mergeOne({ ...event(50, "x"), k: 3 });
    expect(await totals()).toMatchObject({ total: before.total + 1, last: 1, updated: 1 });
  });

  test("B14: durations are whole milliseconds, beyond a minute too", async () => {
    const { rows } = await database.query<{ ms: number }>(
      `SELECT (cdc_management.finish_merge(1, clock_timestamp() - interval '125 s', '[]', 0, 0, 0, 0, 0, NULL, NULL)
         ->> 'duration_ms')::int AS ms`,
    );
    expect(Math.floor((rows[0]?.ms ?? 0) / 1000)).toBe(125);
  });

  test("B15: gaps are seen per topic and partition, and close when the rows come", async () => {
    for (const [topic, first] of [
      ["one", 1],
      ["two", 5_000],
      ["one", 101],
      ["two", 5_150],
    ] as const)
      await offsets(topic, first, 100);
    const gap = { kafka_topic: "two", gap_first_offset: "5100", gap_last_offset: "5149", missing_offsets: "50" };
    expect(await gaps()).toMatchObject([gap]);
    await offsets("two", 5_100, 50);
    expect(await gaps()).toEqual([]);
  });

  test("a replay of everything writes no row and hardly any log", async () => {
    await stageMany(5_000, "");
    await merge(database, table);
    await stage(database, table, [{ ...event(6_000, ""), operation: "Delete" }]);
    await merge(database, table);
    const before = await rowVersions(database, table);
    await stageMany(5_000, "");
    const logged = await walRecords();
    expect(await merge(database, table)).toMatchObject({ inserted: 0, updated: 0, deleted: 0, skipped: 5_000 });
    expect((await walRecords()) - logged).toBeLessThan(500);
    expect(await rowVersions(database, table)).toEqual(before);
  });

  test("an older event after a delete brings nothing back, until the tombstone is pruned", async () => {
    await mergeOne(event(1, "first"));
    await stage(database, table, [{ ...event(9, ""), operation: "Delete" }]);
    await merge(database, table);
    expect(await mergeOne(event(5, "late"))).toMatchObject({ inserted: 0, skipped: 1 });
    expect(await finalRows(database, table)).toEqual([]);
    expect((await database.query("SELECT cdc_management.prune_tombstones() AS n")).rows).toEqual([{ n: "0" }]);
    expect((await database.query("SELECT cdc_management.prune_tombstones('-1 s') AS n")).rows).toEqual([{ n: "1" }]);
  });
});

function event(position: number, a: string): StagedEvent {
  return { h: 1, k: 1, position, operation: "Update", r: "r", a, b: null, lob: null, unchanged: [] };
}

async function mergeOne(one: StagedEvent) {
  await stage(database, table, [one]);
  return merge(database, table);
}

async function stageMany(count: number, order: string, key = "g"): Promise<void> {
  await database.query(
    `INSERT INTO lab."stg_Rows" (h, k, r, a, __cdc_operation, __cdc_position)
     SELECT 1, ${key}, 'r', g::text, 'Insert', decode(lpad(to_hex(g), 48, '0') || '04', 'hex')
     FROM generate_series(1, ${String(count)}) AS x (g) ${order}`,
  );
}

async function offsets(topic: string, first: number, count: number): Promise<void> {
  await database.query(
    `INSERT INTO lab."stg_Rows" (h, k, r, __cdc_operation, __cdc_position, __kafka_topic, __kafka_partition, __kafka_offset)
     SELECT 1, g, 'r', 'Insert', $1, $2, 0, $3::int + g FROM generate_series(0, $4::int - 1) AS g`,
    [Buffer.from(positionHex(first), "hex"), topic, first, count],
  );
  await merge(database, table);
}

async function counts(): Promise<unknown> {
  const sql = `SELECT (SELECT count(*)::int FROM lab."Rows") AS rows, (SELECT count(*)::int FROM lab."stg_Rows") AS staged`;
  return (await database.query(sql)).rows[0];
}

async function totals(): Promise<{ total: number; last: number; updated: number }> {
  const { rows } = await database.query<{ total: number; last: number; updated: number }>(
    `SELECT c.total_rows_merged::int AS total, c.last_rows_merged::int AS last, l.rows_updated::int AS updated
     FROM cdc_management.merge_control AS c JOIN cdc_management.cdc_processing_log AS l USING (table_id)
     ORDER BY l.id DESC LIMIT 1`,
  );
  if (rows[0] === undefined) throw new Error("nothing was logged");
  return rows[0];
}

async function deadLetters(): Promise<unknown[]> {
  return (await database.query("SELECT * FROM cdc_management.v_dead_letters")).rows;
}

async function gaps(): Promise<unknown[]> {
  return (await database.query("SELECT * FROM cdc_management.v_cdc_processing_gaps")).rows;
}

/**
 * Records of the write-ahead log that this session has made so far. Bytes would count page images after a
 * checkpoint too, and the server's own counters what other sessions and autovacuum write.
 */
async function walRecords(): Promise<number> {
  await database.query("SELECT pg_stat_force_next_flush()");
  const { rows } = await database.query<{ made: string }>(
    "SELECT wal_records AS made FROM pg_stat_get_backend_wal(pg_backend_pid())",
  );
  return Number(rows[0]?.made);
}
