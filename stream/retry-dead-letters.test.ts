import { Readable } from "node:stream";
import { closePools } from "../databases/postgres/pool";
import type { Envelope, EnvelopeRow, OperationType } from "../model/envelope";
import { createTestDatabase, type TestDatabase } from "../test/harness/database";
import { deployTables } from "../test/harness/deploy-tables";
import { column, sinkTable } from "../test/harness/sink-model";
import { listDeadLetters } from "./dead-letters";
import { loadEnvelopes } from "./load";
import { retryDeadLetters } from "./retry-dead-letters";
import { openPostgresSink } from "./sinks/postgres";

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
  const columns = [column("Id", "integer", { nullable: false }), column("Name", "varchar(3)"), column("Doc", "xml")];
  await deployTables(database, [sinkTable("s", "T", { columns })]);
});

afterEach(async () => {
  await closePools();
  await database.drop();
});

function event(lsn: number, OperationType: OperationType, data: EnvelopeRow, TableName = "T"): Envelope {
  return { data, metadata: { TableName, OperationType, LSN: lsn.toString(16).padStart(20, "0") } };
}

async function load(...events: readonly (Envelope | string)[]): Promise<void> {
  const sink = await openPostgresSink(database.config, { pipeline: "p" });
  const text = events.map((one) => (typeof one === "string" ? one : JSON.stringify(one))).join("\n");
  await loadEnvelopes(sink, Readable.from([Buffer.from(text)]));
  await sink.close();
}

async function table(): Promise<unknown[]> {
  return (await database.query(`SELECT "Id" AS id, "Name" AS name FROM s."T" ORDER BY 1`)).rows;
}

/** Lets the column hold longer texts, as a deployment would. */
async function widen(): Promise<void> {
  await database.query(`ALTER TABLE s."T" ALTER "Name" TYPE varchar(9); ALTER TABLE s."stg_T" ALTER "Name" TYPE varchar(9);
    UPDATE cdc_management.merge_control SET shape = replace(shape::text, 'varchar(3)', 'varchar(9)')::jsonb`);
}

describe("dead letters", () => {
  test("are listed oldest first, by table, id and number", async () => {
    await load(
      event(1, "Insert", { Id: 1, Name: "long1" }),
      event(2, "Insert", { Id: 2, Name: "long2" }),
      event(3, "Insert", {}, "Nowhere"),
    );
    const all = await listDeadLetters(database.config);
    expect(all.map(({ schema, table: name, operation, attempts }) => [schema, name, operation, attempts])).toEqual([
      ["s", "T", "Insert", 1],
      ["s", "T", "Insert", 1],
      ["", "", "Insert", 1],
    ]);
    expect(all[0]?.firstSeen).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const ids = async (filter: object): Promise<string[]> =>
      (await listDeadLetters(database.config, filter)).map(({ id }) => id);
    expect(await ids({ table: "s.T" })).toEqual(["1", "2"]);
    expect(await ids({ table: "T", limit: 1 })).toEqual(["1"]);
    expect(await ids({ ids: ["3", "2"] })).toEqual(["2", "3"]);
  });

  test("that fail again stay open, count an attempt and tell the reason", async () => {
    await load(
      event(1, "Insert", { Id: 1, Name: "long1" }),
      event(2, "Insert", { Id: 2, Doc: "<a>" }),
      event(3, "Insert", {}, "Nowhere"),
      "{oops",
    );
    const result = await retryDeadLetters(database.config);
    expect(result).toMatchObject({ tried: 4, resolved: 0 });
    expect(result.failed.map(({ table: name, reason }) => [name, reason])).toEqual([
      ["s.T", `column "Name": 'long1' has 5 characters, more than 3`],
      ["s.T", 'column "Doc": invalid XML content'],
      ["", "no deployed table takes table Nowhere"],
      ["", expect.stringMatching(/^not JSON/)],
    ]);
    expect((await listDeadLetters(database.config)).map(({ attempts }) => attempts)).toEqual([2, 2, 2, 2]);
  });

  test("are merged once the cause is mended, each at its own place in history", async () => {
    await load(
      event(1, "Insert", { Id: 1, Name: "long1" }),
      event(2, "Insert", { Id: 2, Name: "long2" }),
      event(3, "Insert", { Id: 2, Name: "new" }),
    );
    await widen();
    expect(await retryDeadLetters(database.config, { table: "s.T" })).toEqual({ tried: 2, resolved: 2, failed: [] });
    expect(await table()).toEqual([
      { id: 1, name: "long1" },
      { id: 2, name: "new" },
    ]);
    expect(await listDeadLetters(database.config)).toEqual([]);
    expect(await retryDeadLetters(database.config)).toEqual({ tried: 0, resolved: 0, failed: [] });
  });

  test("only the named ones are tried", async () => {
    await load(event(1, "Insert", { Id: 1, Name: "long1" }), event(2, "Insert", { Id: 2, Name: "long2" }));
    await widen();
    expect(await retryDeadLetters(database.config, { ids: ["2"] })).toMatchObject({ tried: 1, resolved: 1 });
    expect(await table()).toEqual([{ id: 2, name: "long2" }]);
  });

  test("rows that the merge refused are tried too", async () => {
    await database.query(`ALTER TABLE s."T" ADD CONSTRAINT small CHECK ("Id" < 10)`);
    await load(
      event(1, "Insert", { Id: 9 }),
      event(2, "Insert", { Id: 10, Name: "ten" }),
      event(3, "Insert", { Id: 11 }),
    );
    const [letter] = await listDeadLetters(database.config);
    expect(letter).toMatchObject({
      staged: true,
      sqlstate: "23514",
      reason: expect.stringContaining("small") as string,
    });
    expect(await retryDeadLetters(database.config)).toMatchObject({ tried: 2, resolved: 0 });
    await database.query(`ALTER TABLE s."T" DROP CONSTRAINT small, ADD CONSTRAINT small CHECK ("Id" < 11)`);
    expect(await retryDeadLetters(database.config)).toMatchObject({ tried: 2, resolved: 1 });
    expect(await table()).toEqual([
      { id: 9, name: null },
      { id: 10, name: "ten" },
    ]);
  });

  test("a staged row that no longer fits its staging table holds up no other", async () => {
    await database.query(`ALTER TABLE s."T" ADD CONSTRAINT small CHECK ("Id" < 1)`);
    await load(event(1, "Insert", { Id: 1, Name: "abc" }), event(2, "Insert", { Id: 2, Name: "x" }));
    await database.query(`ALTER TABLE s."T" DROP CONSTRAINT small; ALTER TABLE s."stg_T" ALTER "Name" TYPE varchar(2)`);
    expect(await retryDeadLetters(database.config)).toMatchObject({ tried: 2, resolved: 1, failed: [{ id: "1" }] });
    expect(await table()).toEqual([{ id: 2, name: "x" }]);
  });

  test("text that jsonb cannot hold, numbers beyond a double and huge values come back as they were", async () => {
    const nul =
      '{"data":{"Id":"1","Name":"a\\u0000b"},"metadata":{"TableName":"T","OperationType":"Insert","LSN":"00000000000000000001"}}';
    const deep = `{"data":{"Id":1e999999},"metadata":{"TableName":"T","OperationType":"Insert","LSN":"00000000000000000002"}}`;
    const big = `{"data":{"Id":"${"9".repeat(2_000_000)}"},"metadata":{"TableName":"T","OperationType":"Insert","LSN":"00000000000000000003"}}`;
    await load(nul, deep, big);
    const letters = await listDeadLetters(database.config);
    expect(letters.map(({ payload }) => (JSON.parse(payload) as { text: string }).text)).toEqual([nul, deep, big]);
    expect(await retryDeadLetters(database.config)).toMatchObject({ tried: 3, resolved: 0 });
    expect((await listDeadLetters(database.config)).map(({ attempts }) => attempts)).toEqual([2, 2, 2]);
  });
});
