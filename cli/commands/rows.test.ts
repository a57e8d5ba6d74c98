import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { closePools } from "../../databases/postgres/pool";
import type { LoadResult } from "../../stream/load";
import { runCdc, type CapturedRun } from "../../test/harness/captured-io";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { Deployment } from "../../test/harness/deployment";
import { usualColumns } from "../../test/harness/yaml-project";

let database: TestDatabase;
let deployment: Deployment;

beforeAll(async () => {
  database = await createTestDatabase();
  deployment = Deployment.make(database.config, { customers: ["north", "south"], tables: { Actor: usualColumns(3) } });
  await deployment.run("up");
});

afterAll(async () => {
  deployment.remove();
  await closePools();
  await database.drop();
});

let lsn = 0;

function line(Tenant: string, data: object): string {
  lsn += 1;
  const metadata = {
    TableName: "Actor",
    Schema: "dbo",
    Tenant,
    OperationType: "Insert",
    LSN: lsn.toString(16).padStart(20, "0"),
  };
  return JSON.stringify({ data, metadata });
}

function cdc(argv: readonly string[], input?: string): Promise<CapturedRun> {
  const settings = input === undefined ? {} : { input };
  return runCdc([...argv, "-C", deployment.directory, "--engine", "built-in"], {
    cwd: deployment.directory,
    ...settings,
  });
}

const GOOD = { Id: "1", Col01: 5, Col02: "one" };
const BAD = { Id: "2", Col01: "many", Col02: null };

describe("cdc load", () => {
  test("loads a file into the tables of its stack", async () => {
    writeFileSync(
      join(deployment.directory, "events.ndjson"),
      `${line("north", GOOD)}\n${line("south", { ...GOOD, Id: 7 })}\n`,
    );
    const { code, stdout, stderr } = await cdc(["load", "events.ndjson"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(
      /^loaded 2 events in [0-9.]+ s, [0-9,]+\/s\n {2}inserted 2, updated 0, deleted 0, nothing newer 0, dead 0\n/,
    );
    expect(stdout).toContain("  north.Actor: 1 events, checkpoint 0x00000000000000000001\n");
    expect((await database.query(`SELECT "Col02" AS name FROM north."Actor"`)).rows).toEqual([{ name: "one" }]);
  });

  test("loads stdin, tells dead letters, and exits with 0, or with 3 when it is strict", async () => {
    const lines = [line("north", { ...GOOD, Id: 3 }), line("north", BAD), "{oops"].join("\n");
    const { code, stdout, stderr } = await cdc(["load", "-", "--json"], lines);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const result = JSON.parse(stdout) as LoadResult;
    expect(result).toMatchObject({
      pipeline: "load",
      events: 3,
      committed: 3,
      dead: 2,
      merged: { inserted: 1 },
      interrupted: false,
    });
    const strict = await cdc(["load", "-", "--strict"], lines);
    expect(strict.code).toBe(3);
    expect(strict.stderr).toContain(`dead letter: column "Col01": 'many' is not an integer\n`);
    expect(strict.stderr).toContain("2 events went to the dead letters: see `cdc dead-letters list -s dev`\n");
  });

  test.each([
    [["load", "missing.ndjson"], "missing.ndjson: no such file or folder"],
    [["load", "."], "it is a folder"],
    [["load", "-", "--table", "east.Actor"], "--table east.Actor: no deployed table has this name"],
    [["load", "-", "--database", "nowhere"], "stack dev deployed nothing into a database nowhere"],
    [["load", "-", "--batch-rows", "0"], "a whole number of at least 1 is needed"],
  ])("%j ends with a message", async (argv, message) => {
    const { code, stderr } = await cdc(argv, "");
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/This is a bug| {4}at /);
  });
});

describe("cdc dead-letters", () => {
  test("lists open ones with their reasons, and whole ones as JSON", async () => {
    const { code, stdout } = await cdc(["dead-letters", "list", "--table", "north.Actor"]);
    expect(code).toBe(0);
    expect(stdout.split("\n")[1]).toMatch(
      /^\d+ +north\.Actor +Insert +2 +20.*Z +column "Col01": 'many' is not an integer$/,
    );
    const json = JSON.parse((await cdc(["dead-letters", "list", "--json", "--limit", "1"])).stdout) as unknown[];
    expect(json).toMatchObject([{ schema: "north", payload: { data: BAD } }]);
  });

  test("are tried again: 3 while some fail, 0 when all are resolved", async () => {
    const first = await cdc(["dead-letters", "retry"]);
    expect(first.code).toBe(3);
    expect(first.stdout).toContain("tried 2, resolved 0, still open 2\n");
    await database.query("SELECT cdc_management.resolve_dead_letter(id) FROM cdc_management.dead_letters");
    const then = await cdc(["dead-letters", "retry", "--json"]);
    expect([then.code, JSON.parse(then.stdout)]).toEqual([0, { tried: 0, resolved: 0, failed: [] }]);
    expect((await cdc(["dead-letters", "list"])).stdout).toBe("no dead letters\n");
    expect((await cdc(["dead-letters", "retry", "--id", "x"])).code).toBe(2);
  });
});

describe("cdc merge", () => {
  const stage = (schema: string): Promise<unknown> =>
    database.query(
      `INSERT INTO ${schema}."stg_Actor" ("Id", "Col01", __cdc_operation, __cdc_position) VALUES (99, 1, 'c', decode(repeat('f', 50), 'hex'))`,
    );

  test("merges what is staged and says what it did", async () => {
    await cdc(["merge"]);
    await stage("north");
    await stage("south");
    const { code, stdout } = await cdc(["merge", "--table", "south.Actor", "--json"]);
    expect([code, JSON.parse(stdout)]).toMatchObject([0, [{ table: "south.Actor", counts: { inserted: 1 } }]]);
    const all = await cdc(["merge"]);
    expect(all.stdout).toMatch(/^TABLE .*\nnorth\.Actor +1 +1 +0 +0 +0 +0\n$/);
    expect((await cdc(["merge"])).stdout).toBe("nothing is staged\n");
  });

  test("watches until it is interrupted", async () => {
    await stage("north");
    const stop = new AbortController();
    const argv = ["merge", "--watch", "--interval", "0.05", "-C", deployment.directory, "--engine", "built-in"];
    const watching = runCdc(argv, { cwd: deployment.directory, signal: stop.signal });
    while ((await database.query(`SELECT FROM north."stg_Actor"`)).rows.length > 0);
    stop.abort();
    expect((await watching).code).toBe(130);
  });
});
