import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { acquireLock, DEPLOY_LOCK } from "../databases/postgres/advisory-lock";
import { closePools } from "../databases/postgres/pool";
import { sleep } from "../lib/retry";
import { catalogDump } from "./harness/catalog-dump";
import type { TestDatabase } from "./harness/database";
import { ID, MigrationLab, NAME, type LabModel } from "./harness/migration-lab";
import { column } from "./harness/sink-model";

const CHILD = join(__dirname, "processes", "apply-child.cjs");
const TABLES = ["Actor", "Film", "Genre", "Place", "Rating", "Studio"];
const MODEL: LabModel = { customers: ["north", "south", "west"], tables: TABLES.map((name) => ({ name })) };
const NEWER: LabModel = {
  ...MODEL,
  tables: TABLES.map((name) => ({ name, columns: [ID, NAME, column("New", "integer")] })),
};

jest.setTimeout(300_000);
afterAll(() => closePools());

test("kill -9 of apply at 20 points: nothing half done, and the next apply ends like an undisturbed one", async () => {
  let lineCount = 0;
  const undisturbed = await inLab(async (lab) => {
    lab.generate(MODEL);
    lineCount = (await runChild(lab)).lines.length;
    return endOf(lab);
  });
  // 0 is before the first line; the last lines of the run are too near to its end to be killed at.
  const points = Array.from({ length: 20 }, (_, point) => Math.round((point * (lineCount - 2)) / 19));
  let cutShort = 0;
  for (const point of points) {
    const end = await inLab(async (lab) => {
      lab.generate(MODEL);
      await runChild(lab, point);
      await expectWhole(lab.db);
      const { complete, applied } = await lab.apply();
      expect(complete).toBe(true);
      if (applied > 0) cutShort += 1;
      return endOf(lab);
    });
    expect([point, end]).toEqual([point, undisturbed]);
  }
  expect(cutShort).toBeGreaterThan(points.length / 2);
});

test("kill -9 in the middle of steps: each table has all of a step or nothing, and no row is lost", async () => {
  for (const point of [2, 6, 11, 15]) {
    await inLab(async (lab) => {
      lab.generate(MODEL);
      await lab.apply();
      await lab.db.query(`INSERT INTO north."Actor" ("Id") SELECT n FROM generate_series(1, 100) AS n`);
      lab.generate(NEWER);
      await runChild(lab, point);
      const { rows: half } = await lab.db.query(
        `SELECT t.table_schema, t.table_name FROM information_schema.columns AS t
         FULL JOIN (SELECT schema_name, substring(file_name FROM '02-changes/[^/]+/([^/]+)/') AS name
                    FROM cdc_management.migration_history WHERE category = 'change') AS h
           ON h.schema_name = t.table_schema AND t.table_name = h.name
         WHERE (t.column_name = 'New' AND h.name IS NULL AND t.table_name NOT LIKE 'stg%') OR t.table_name IS NULL`,
      );
      expect(half).toEqual([]);
      expect(await lab.apply()).toMatchObject({ complete: true });
      expect((await lab.check()).differences).toEqual([]);
      const { rows } = await lab.db.query(`SELECT count(*)::int AS n, count("New")::int AS m FROM north."Actor"`);
      expect(rows).toEqual([{ n: 100, m: 0 }]);
    });
  }
});

test.each([2, 4])(
  "%i applies at once on an empty database: one works, the others wait, each file is recorded once",
  async (count) => {
    await inLab(async (lab) => {
      lab.generate(MODEL);
      const units = MODEL.customers.length * TABLES.length;
      // The lock is held until all have asked for it: else a quick one is done before a slow one has begun.
      const lock = await acquireLock(lab.config, DEPLOY_LOCK);
      const children = Array.from({ length: count }, () => runChild(lab));
      await waitingFor(lab.db, count);
      await lock.release();
      const ends = await Promise.all(children);
      expect(ends.map(({ code, errors }) => [code, errors])).toEqual(ends.map(() => [0, ""]));
      const told = ends.map(({ lines }) => JSON.parse(lines.at(-1) ?? "") as { applied: number; waited: boolean });
      expect(told.map(({ applied }) => applied).sort((one, other) => other - one)).toEqual([
        units,
        ...Array<number>(count - 1).fill(0),
      ]);
      expect(told.map(({ waited }) => waited)).toEqual(told.map(() => true));
      const { rows } = await lab.db
        .query(`SELECT count(*)::int AS n, count(DISTINCT (file_name, schema_name))::int AS d,
      count(*) FILTER (WHERE outcome = 'applied')::int AS applied FROM cdc_management.migration_history`);
      expect(rows).toEqual([{ n: 2 + units * 2, d: 2 + units * 2, applied: 2 + units * 2 }]);
      await expectWhole(lab.db);
    });
  },
);

/** Until so many sessions have asked for the lock in vain. */
async function waitingFor(db: TestDatabase, count: number): Promise<void> {
  const asking = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database()
    AND application_name LIKE '% lock' AND query LIKE '%pg_locks%' AND pid <> pg_backend_pid()`;
  for (;;) {
    const { rows } = await db.query<{ n: number }>(asking);
    if ((rows[0]?.n ?? 0) >= count) return;
    await sleep(50);
  }
}

/** For every row of the history its objects are there, and the other way round. */
async function expectWhole(db: TestDatabase): Promise<void> {
  const { rows } = await db.query<{ there: boolean }>(
    "SELECT to_regclass('cdc_management.migration_history') IS NOT NULL AS there",
  );
  const made = `SELECT n.nspname || '.' || c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname IN ('north', 'south', 'west')`;
  if (rows[0]?.there !== true) {
    expect((await db.query(made)).rows).toEqual([]);
    return;
  }
  const names = `SELECT schema_name || '.' || substring(file_name FROM '([^/]+?)(-staging)?\\.sql$') AS name,
    category FROM cdc_management.migration_history WHERE schema_name IS NOT NULL`;
  const wrong = await db.query(`
    WITH h AS (${names}), t AS (${made.replace("c.relname FROM", "c.relname AS name FROM")}),
    objects AS (
      SELECT name, 'table' AS category FROM t WHERE name !~ '\\.stg_'
      UNION ALL SELECT replace(name, '.stg_', '.'), 'staging' FROM t WHERE name ~ '\\.stg_'
      UNION ALL SELECT replace(p.pronamespace::regnamespace || '.' || p.proname, 'sp_merge_', ''), 'staging' FROM pg_proc AS p
        WHERE p.proname LIKE 'sp_merge_%'
      UNION ALL SELECT schema_name || '.' || table_name, 'staging' FROM cdc_management.merge_control)
    SELECT * FROM (SELECT name, category, count(*) FROM objects GROUP BY 1, 2) AS o FULL JOIN h USING (name, category)
    WHERE h.name IS NULL OR o.name IS NULL OR o.count <> CASE category WHEN 'table' THEN 1 ELSE 3 END`);
  expect(wrong.rows).toEqual([]);
}

async function inLab<T>(work: (lab: MigrationLab) => Promise<T>): Promise<T> {
  const lab = await MigrationLab.open();
  try {
    return await work(lab);
  } finally {
    await lab.close();
  }
}

interface EndedChild {
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly errors: string;
}

/** Applies in a process of its own, and kills it after so many lines. */
async function runChild(lab: MigrationLab, lines = Infinity): Promise<EndedChild> {
  const env = { ...process.env, CDC_CHILD_PG: JSON.stringify(lab.config) };
  const child = spawn(process.execPath, [CHILD, lab.directory], { env, stdio: ["ignore", "pipe", "pipe"] });
  const closed = once(child, "close") as Promise<[number | null]>;
  const written: string[] = [];
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  createInterface({ input: child.stdout }).on("line", (line) => {
    written.push(line);
    if (written.length === lines) child.kill("SIGKILL");
  });
  // Before the first line it is loading its modules.
  if (lines === 0) setTimeout(() => child.kill("SIGKILL"), 40);
  const [code] = await closed;
  return { code, lines: written, errors };
}

/** Where a run ended: catalogue and history. */
async function endOf(lab: MigrationLab): Promise<{ catalog: string; history: readonly string[] }> {
  return { catalog: await catalogDump(lab.config), history: await lab.history() };
}
