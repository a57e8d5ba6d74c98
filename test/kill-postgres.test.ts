import type { Client } from "pg";
import { CHAIN_SCHEMA, CHAIN_TABLES, deployChainSink, sinkRows } from "./harness/chain-sink";
import { ChainSource, COPIED, STREAMED } from "./harness/chain-source";
import { createTestDatabase, type TestDatabase } from "./harness/database";
import { killEverywhere } from "./harness/kill-chain";
import type { Arrivals } from "./harness/kill-points";
import type { KilledTask } from "./harness/killed-task";
import { startChain } from "./harness/killed-chain";
import { temporaryFolder } from "./harness/task-lab";

const SEED = 7;
const CHANGES_PER_SECOND = 200;

/** Every effect on a row leaves a mark, and every commit of a table tells that it happened. */
const AUDIT = `
CREATE TABLE public.effects (id bigserial PRIMARY KEY, of_table text, key int, position text);
CREATE FUNCTION public.note_effect() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  INSERT INTO public.effects (of_table, key, position) VALUES (TG_TABLE_NAME, NEW."Id", encode(NEW.__cdc_position, 'hex'));
  RETURN NULL;
END $$;
CREATE FUNCTION public.tell_commit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('commits', TG_TABLE_NAME);
  RETURN NULL;
END $$;
${CHAIN_TABLES.map(
  (table) => `
CREATE TRIGGER note AFTER INSERT OR UPDATE ON ${CHAIN_SCHEMA}."${table}" FOR EACH ROW EXECUTE FUNCTION public.note_effect();
CREATE TRIGGER tell AFTER INSERT OR UPDATE OR DELETE ON ${CHAIN_SCHEMA}."${table}" FOR EACH STATEMENT EXECUTE FUNCTION public.tell_commit();`,
).join("")}`;

let folder: ReturnType<typeof temporaryFolder>;
let source: ChainSource;
let database: TestDatabase;
let listener: Client;
let commits: Map<string, number>;
let task: KilledTask | undefined;

beforeEach(async () => {
  folder = temporaryFolder();
  source = await ChainSource.start(SEED);
  database = await createTestDatabase();
  await deployChainSink(database);
  await database.query(AUDIT);
  commits = new Map();
  listener = await database.connect();
  listener.on("notification", ({ payload = "" }) => commits.set(payload, (commits.get(payload) ?? 0) + 1));
  await listener.query("LISTEN commits");
});

afterEach(async () => {
  await task?.end();
  await source.stop();
  await database.drop();
  folder.remove();
});

function commitsOf(...tables: readonly string[]): number {
  return tables.reduce((sum, table) => sum + (commits.get(table) ?? 0), 0);
}

const WAITING =
  "SELECT 1 FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

const arrivals: Arrivals = {
  streamed: () => commitsOf(...STREAMED),
  copied: () => commitsOf(COPIED),
  // A lock lets the output's transaction wait in its middle.
  inMidBatch: async () => {
    const locker = await database.connect();
    await locker.query(`BEGIN; LOCK TABLE ${CHAIN_SCHEMA}."${STREAMED[1]}" IN SHARE MODE`);
    return {
      isThere: async () => (await database.query(WAITING)).rows.length > 0,
      undo: async () => {
        await locker.query("ROLLBACK");
        await locker.end();
      },
    };
  },
  // It can't be held there: its commit is told, and the kill follows at once.
  beforeAck: () => {
    const before = commitsOf(...STREAMED);
    return { isThere: () => commitsOf(...STREAMED) > before, undo: () => undefined };
  },
};

/** Stops the changes, and the task once the sink has the last one of each table. */
async function finish(): Promise<void> {
  await source.change(0);
  for (const table of CHAIN_TABLES) {
    const wanted = JSON.stringify(await source.rows(table));
    await task?.until(async () => JSON.stringify(await sinkRows(database, table)) === wanted);
  }
  task?.stop();
  expect(await task?.ended()).toBe(0);
}

describe("kill -9 at 20 points loses no change and doubles none in PostgreSQL", () => {
  test.each(["input", "relay", "output"] as const)(
    "of the %s",
    async (victim) => {
      const { host, port, user, password, database: name } = database.config;
      const output = { host, port, user, password, database: name };
      task = startChain(victim, folder.path, { input: source.input, output: { postgres: output } });
      await source.change(CHANGES_PER_SECOND);
      expect(await killEverywhere(task, victim, arrivals, { seed: SEED, most: 3 })).toHaveLength(20);
      await finish();
      for (const table of STREAMED) expect(await positions(table)).toEqual(await lastPositions(table));
      const { rows: doubled } = await database.query(
        `SELECT * FROM (SELECT *, lag(position) OVER (PARTITION BY of_table, key ORDER BY id) AS before FROM effects) AS e WHERE position <= before`,
      );
      expect(doubled).toEqual([]);
      expect((await database.query("SELECT * FROM cdc_management.dead_letters")).rows).toEqual([]);
    },
    300_000,
  );
});

/** `Id position` of every row at the sink. */
async function positions(table: string): Promise<string[]> {
  const { rows } = await database.query<{ row: string }>(
    `SELECT "Id" || ' ' || encode(__cdc_position, 'hex') AS row FROM ${CHAIN_SCHEMA}."${table}"`,
  );
  return rows.map(({ row }) => row).sort();
}

/** The same of every row's last change at the source. */
async function lastPositions(table: string): Promise<string[]> {
  const last = new Map((await source.changes(table)).map(({ key, position }) => [key, position]));
  const keys = (await source.rows(table)).map((row) => row.slice(0, row.indexOf("|")));
  return keys.map((key) => `${key} ${last.get(key) ?? ""}`).sort();
}
