import type { Client } from "pg";
import { closePools } from "../../databases/postgres/pool";
import { runStatements } from "../../databases/postgres/run";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { Engine, type Kept } from "../../test/harness/provider";
import { column, sinkTable } from "../../test/harness/sink-model";
import { releaseLocks } from "./deploy-lock";

/** A little more than what a statement waits for its lock at most: PostgreSQL ends the reader that waits longer. */
const READER_PATIENCE = "3500ms";

let database: TestDatabase;
let engine: Engine;
let blocker: Client;
let reader: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  engine = new Engine(database.config);
  await engine.up("sinkSchema", engine.schemaInputs("busy"));
  blocker = await database.connect();
  reader = await database.connect();
  await reader.query(`SET lock_timeout = '${READER_PATIENCE}'`);
});
afterAll(async () => {
  await releaseLocks();
  await closePools();
  await database.drop();
});

describe("a change of a table that somebody reads for long", () => {
  test("lets other readers through after its lock timeout, and is made once the first reader is gone", async () => {
    const table = await deployed("Actor");
    await database.query(`INSERT INTO busy."Actor" ("Id") VALUES (1)`);
    await blocker.query(`BEGIN; SELECT FROM busy."Actor"`);
    const wanted = sinkTable("busy", "Actor", { columns: [ID, column("Note", "text"), column("More", "integer")] });
    const change = engine.up("sinkTable", engine.tableInputs(wanted).sinkTable, table);
    await untilWaiting();
    // This one queues behind the ALTER, and gets its answer although the blocker still holds its lock.
    expect((await reader.query('SELECT "Id" FROM busy."Actor"')).rows).toEqual([{ Id: "1" }]);
    await untilWaiting();
    expect((await reader.query('SELECT "Id" FROM busy."Actor"')).rows).toEqual([{ Id: "1" }]);
    await blocker.query("COMMIT");
    await change;
    expect((await reader.query('SELECT "Note", "More" FROM busy."Actor"')).rows).toEqual([{ Note: null, More: null }]);
  }, 60_000);

  test("is given up with a message that names the table, and changes nothing", async () => {
    await deployed("Film");
    await blocker.query(`BEGIN; SELECT FROM busy."Film"`);
    const statement = 'ALTER TABLE busy."Film" ADD COLUMN "Note" text';
    const options = { object: "table busy.Film", lockTimeoutMs: 100, attempts: 3 };
    await expect(runStatements(database.config, [statement], options)).rejects.toThrow(/busy\.Film/);
    await blocker.query("COMMIT");
    expect((await database.query(`SELECT * FROM busy."Film"`)).fields.map(({ name }) => name)).not.toContain("Note");
  });

  test("waits for its lock no longer in any statement, also those in a DO block", async () => {
    await deployed("Genre");
    await blocker.query(`BEGIN; SELECT FROM busy."Genre"`);
    const block = `DO $$ BEGIN PERFORM 1; ALTER TABLE busy."Genre" ADD COLUMN "Note" text; END $$`;
    const settings = await runStatements(database.config, ["SHOW lock_timeout"]);
    expect(settings[0]?.rows).toEqual([{ lock_timeout: "3s" }]);
    const blocked = runStatements(database.config, ["SELECT 1", block], { lockTimeoutMs: 100, attempts: 2 });
    await expect(blocked).rejects.toThrow("lock");
    await blocker.query("COMMIT");
  });
});

const ID = column("Id", "bigint", { nullable: false });

function deployed(name: string): Promise<Kept> {
  return engine.up("sinkTable", engine.tableInputs(sinkTable("busy", name, { columns: [ID] })).sinkTable);
}

/** Until a session of the deployment waits for a lock. */
async function untilWaiting(): Promise<void> {
  const waiting = `SELECT FROM pg_catalog.pg_stat_activity
    WHERE datname = current_database() AND application_name = 'pulumi-cdc deploy' AND wait_event_type = 'Lock'`;
  while ((await database.query(waiting)).rowCount === 0) await new Promise((resolve) => setTimeout(resolve, 20));
}
