import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { closePools } from "../databases/postgres/pool";
import { catalogDump } from "./harness/catalog-dump";
import { createTestDatabase, type TestDatabase } from "./harness/database";
import { Deployment } from "./harness/deployment";
import { usualColumns } from "./harness/yaml-project";

const CHILD = join(__dirname, "processes", "up-child.cjs");
const PROJECT = { customers: ["north"], tables: { Actor: usualColumns(4), Film: usualColumns(3) } };
// Lines of up-child before the kill: the whole run writes 26. 0 is before the first.
const POINTS = Array.from({ length: 20 }, (_, point) => point + Math.floor(point / 4));

jest.setTimeout(300_000);

let undisturbed: { catalog: string; state: string };
let lineCount = 0;

beforeAll(async () => {
  undisturbed = await onNewDatabase(async (db, deployment) => {
    lineCount = await upKilledAfter(deployment, Infinity);
    return endOf(db, deployment);
  });
});
afterAll(() => closePools());

test("kill -9 of up at 20 points: the next up ends like an undisturbed one", async () => {
  expect(lineCount).toBeGreaterThan(Math.max(...POINTS));
  for (const point of POINTS) {
    const end = await onNewDatabase(async (db, deployment) => {
      await upKilledAfter(deployment, point);
      await deployment.run("up");
      return endOf(db, deployment);
    });
    expect([point, end]).toEqual([point, undisturbed]);
  }
});

test("kill -9 mid-change: a new column is there once, in table, staging and merge, and no row is lost", async () => {
  for (const point of [6, 12, 18]) {
    await onNewDatabase(async (db, deployment) => {
      await deployment.run("up");
      await db.query(`INSERT INTO north."Actor" ("Id", "Col01") SELECT n, n FROM generate_series(1, 100) AS n`);
      deployment.rewrite({
        tables: { ...PROJECT.tables, Actor: [...PROJECT.tables.Actor, { name: "New", type: "int" }] },
      });
      await upKilledAfter(deployment, point);
      await deployment.run("up");
      expect((await deployment.run("preview", { refresh: true })).result.changed).toBe(false);
      const { rows } = await db.query(`SELECT count("Col01")::int AS n, count("New")::int AS m FROM north."Actor"`);
      expect(rows).toEqual([{ n: 100, m: 0 }]);
    });
  }
});

test("two ups at once: both end well or one stops with a clear message, and nothing is corrupted", async () => {
  const end = await onNewDatabase(async (db, deployment) => {
    // Another machine's state of the same stack: only the database's own lock keeps the two apart.
    const other = Deployment.make(db.config, PROJECT);
    const ends = await Promise.allSettled([deployment.run("up"), other.run("up")]);
    other.remove();
    for (const ended of ends) {
      if (ended.status === "rejected")
        expect(String(ended.reason)).toMatch(/another deployment is changing this database/);
    }
    if (ends[0].status === "rejected") await deployment.run("up");
    return endOf(db, deployment);
  });
  expect(end).toEqual(undisturbed);
});

test("two ups of one stack and state: one stops and names who holds the stack", async () => {
  const end = await onNewDatabase(async (db, deployment) => {
    const first = spawn(process.execPath, [CHILD, deployment.directory], {
      env: process.env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(createInterface({ input: first.stdout }), "line");
    await expect(deployment.run("up")).rejects.toThrow(/in use by process/);
    await once(first, "exit");
    return endOf(db, deployment);
  });
  expect(end).toEqual(undisturbed);
});

async function onNewDatabase<T>(work: (db: TestDatabase, deployment: Deployment) => Promise<T>): Promise<T> {
  const db = await createTestDatabase();
  const deployment = Deployment.make(db.config, PROJECT);
  try {
    return await work(db, deployment);
  } finally {
    deployment.remove();
    await closePools();
    await db.drop();
  }
}

/** Runs `up` in a process of its own and kills it after so many lines. Returns how many it wrote. */
async function upKilledAfter(deployment: Deployment, lines: number): Promise<number> {
  const child = spawn(process.execPath, [CHILD, deployment.directory], {
    env: process.env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  let written = 0;
  createInterface({ input: child.stdout }).on("line", () => {
    written += 1;
    if (written === lines) child.kill("SIGKILL");
  });
  // Before the first line it is loading its modules.
  if (lines === 0) setTimeout(() => child.kill("SIGKILL"), 200);
  await exited;
  return written;
}

/** Where a run ended: the database's catalogue and the state, without names and times of this one run. */
async function endOf(db: TestDatabase, deployment: Deployment): Promise<{ catalog: string; state: string }> {
  const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
  const state = JSON.stringify(await deployment.state(), null, 1);
  return {
    catalog: await catalogDump(db.config),
    state: state.replaceAll(db.config.database, "<database>").replaceAll(uuid, "<uuid>"),
  };
}
