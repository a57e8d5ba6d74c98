import { Readable } from "node:stream";
import type { Envelope, EnvelopeMetadata, EnvelopeRow } from "../model/envelope";
import { createTestDatabase, type TestDatabase } from "../test/harness/database";
import { deployTables } from "../test/harness/deploy-tables";
import { column, sinkTable } from "../test/harness/sink-model";
import { closePools } from "../databases/postgres/pool";
import { loadEnvelopes, type LoadOptions, type LoadResult } from "./load";
import { openPostgresSink, type PostgresSinkOptions } from "./sinks/postgres";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await deployTables(database, [
    sinkTable("cust01", "Actor", { tenant: "cust01", source: { schema: "dbo", table: "Actor" } }),
    sinkTable("cust02", "Actor", { tenant: "cust02", source: { schema: "dbo", table: "Actor" } }),
    sinkTable("cust01", 'Order "Lines"', {
      key: ["_customer_id", "Id"],
      columns: [
        column("Id", "bigint", { nullable: false }),
        column("Doc", "xml"),
        column("Näme", "text", { source: "Navn" }),
        { name: "_customer_id", type: "text", nullable: false, origin: "template", constant: "cust01" },
        { name: "_batch", type: "integer", nullable: true, origin: "template", default: "41 + 1" },
      ],
    }),
    sinkTable("cust01", "Soft", { onDelete: "soft" }),
    sinkTable("cust01", "Transformed", { transforms: ["mask_ssn"] }),
  ]);
});

afterAll(async () => {
  await closePools();
  await database.drop();
});

let lsn = 0;

function event(
  table: string,
  OperationType: EnvelopeMetadata["OperationType"],
  data: EnvelopeRow,
  more: Partial<EnvelopeMetadata> = {},
): Envelope {
  lsn += 1;
  const Tenant = table === "Actor" ? { Tenant: "cust01" } : {};
  return {
    data,
    metadata: {
      TableName: table,
      Schema: "dbo",
      OperationType,
      LSN: lsn.toString(16).padStart(20, "0"),
      ...Tenant,
      ...more,
    },
  };
}

async function load(
  lines: readonly (Envelope | string)[],
  options: LoadOptions = {},
  sinkOptions: Partial<PostgresSinkOptions> = {},
): Promise<LoadResult> {
  const text = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n");
  const sink = await openPostgresSink(database.config, { pipeline: "test", ...sinkOptions });
  try {
    return await loadEnvelopes(sink, Readable.from([Buffer.from(text)]), options);
  } finally {
    await sink.close();
  }
}

async function rows(sql: string): Promise<unknown[]> {
  return (await database.query(sql)).rows;
}

const DEAD = `SELECT id::int, schema_name, table_name, reason, sqlstate, attempts, payload, encode(position, 'hex') AS position
  FROM cdc_management.dead_letters WHERE resolved_at IS NULL ORDER BY id`;

describe("a load", () => {
  afterEach(() => database.query("TRUNCATE cdc_management.dead_letters"));

  test("routes events to their tables, merges them and records the checkpoint", async () => {
    const result = await load([
      event("Actor", "Insert", { Id: "1", Name: "Ada", Amount: "1.50" }),
      event("Actor", "Insert", { Id: "1", Name: "Bo", Amount: null }, { Tenant: "cust02" }),
      event("Actor", "Update", { Id: "1", Name: "Eve" }),
      event('Order "Lines"', "Insert", { Id: 7, Doc: "<a>\n</a>", Navn: "a\tb\\N" }),
      event('Order "Lines"', "Read", { Id: 8, Doc: null, Navn: null }),
      event('Order "Lines"', "Delete", {}, { Before: { Id: 8 } }),
    ]);
    expect(result).toMatchObject({
      events: 6,
      committed: 6,
      dead: 0,
      batches: 3,
      merged: { staged: 6, inserted: 3, dead: 0 },
    });
    expect(await rows(`SELECT "Id", "Name", "Amount", __source, __source_table FROM cust01."Actor"`)).toEqual([
      { Id: "1", Name: "Eve", Amount: "1.50", __source: "test", __source_table: "dbo.Actor" },
    ]);
    expect(await rows(`SELECT "Id", "Doc"::text, "Näme", _customer_id, _batch FROM cust01."Order ""Lines"""`)).toEqual([
      { Id: "7", Doc: "<a>\n</a>", Näme: "a\tb\\N", _customer_id: "cust01", _batch: 42 },
    ]);
    expect(
      await rows(
        `SELECT encode(position, 'hex') AS p, events FROM cdc_management.checkpoints WHERE pipeline = 'test' AND schema_name = 'cust02'`,
      ),
    ).toEqual([{ p: result.tables["cust02.Actor"]?.checkpoint, events: "1" }]);
  });

  test("a key that moves takes its row along", async () => {
    await load([
      event("Actor", "Insert", { Id: "10", Name: "Ten", Amount: "10" }),
      event("Actor", "Update", { Id: "11", Name: "Eleven" }, { Before: { Id: "10", Name: "Ten", Amount: "10" } }),
    ]);
    expect(await rows(`SELECT "Id", "Name", "Amount" FROM cust01."Actor" WHERE "Id" IN (10, 11)`)).toEqual([
      { Id: "11", Name: "Eleven", Amount: "10.00" },
    ]);
  });

  test("repeated, it changes nothing; the checkpoint stays", async () => {
    const lines = [
      event("Soft", "Insert", { Id: 1, Name: "x" }),
      event("Soft", "Delete", { Id: 1 }),
      event("Soft", "Insert", { Id: 2, Name: "y" }),
    ];
    const first = await load(lines);
    const again = await load(lines);
    const part = await load(lines.slice(0, 2));
    expect(again.merged).toMatchObject({ staged: 3, inserted: 0, updated: 0, deleted: 0 });
    expect(part.tables).toEqual({ "cust01.Soft": { events: 2, checkpoint: first.tables["cust01.Soft"]?.checkpoint } });
    expect(await rows(`SELECT "Id", __cdc_operation FROM cust01."Soft" ORDER BY 1`)).toEqual([
      { Id: "1", __cdc_operation: expect.stringMatching(/^delete$/i) },
      { Id: "2", __cdc_operation: "Insert" },
    ]);
  });

  test("bad lines and bad rows become dead letters with their reasons and stop nobody", async () => {
    const good = event("Actor", "Insert", { Id: 20, Name: "good", Amount: "1" });
    const long = event("Actor", "Insert", { Id: 21, Name: "x".repeat(51), Amount: "1" });
    const lost = event("Nobody", "Insert", { Id: 22 });
    const nul = event("Actor", "Insert", { Id: 23, Name: "a\0b", Amount: "1" });
    const result = await load(["", "{oops", good, long, lost, nul, '{"data":{}}']);
    expect(result).toMatchObject({ events: 6, committed: 6, dead: 5, merged: { staged: 1, inserted: 1 } });
    expect(await rows(DEAD)).toMatchObject([
      {
        table_name: "Actor",
        reason: `column "Name": '${"x".repeat(51)}' has 51 characters, more than 50`,
        payload: JSON.parse(JSON.stringify(long)),
      },
      {
        table_name: "Actor",
        reason: `column "Name": 'a␀b' holds a NUL character, which PostgreSQL cannot store`,
        payload: { text: JSON.stringify(nul) },
      },
      { table_name: "", reason: expect.stringMatching(/^line 2: not JSON: /), payload: { line: 2, text: "{oops" } },
      {
        table_name: "",
        reason: "no deployed table takes table dbo.Nobody",
        payload: { metadata: { TableName: "Nobody" } },
      },
      {
        table_name: "",
        reason: 'line 7: not an envelope: "metadata" is missing or not an object',
        payload: { line: 7 },
      },
    ]);
    expect(await rows(`SELECT "Id" FROM cust01."Actor" WHERE "Id" >= 20 AND "Id" < 30`)).toEqual([{ Id: "20" }]);
    await load(["", "{oops", good, long, lost, nul, '{"data":{}}']);
    expect((await rows(DEAD)).map((row) => (row as { attempts: number }).attempts)).toEqual([2, 2, 2, 2, 2]);
  });

  test.each([1, 7, 400])(
    "rows that only the server can refuse are found among others (every %i-th bad)",
    async (every) => {
      const start = 1_000_000 + lsn;
      const lines = Array.from({ length: 1_000 }, (_, n) =>
        event('Order "Lines"', "Insert", { Id: start + n, Doc: n % every === 0 ? "<a>" : "<a/>" }),
      );
      const result = await load(lines, { batchRows: 600 });
      const bad = Math.ceil(1_000 / every);
      expect(result).toMatchObject({ committed: 1_000, dead: bad, merged: { inserted: 1_000 - bad } });
      const dead = await rows(DEAD);
      expect(dead).toHaveLength(bad);
      expect(dead[0]).toMatchObject({
        table_name: 'Order "Lines"',
        reason: 'column "Doc": invalid XML content',
        sqlstate: "2200N",
        payload: { data: { Id: start } },
      });
      expect(
        await rows(`SELECT count(*)::int AS n FROM cust01."Order ""Lines""" WHERE "Id" >= ${String(start)}`),
      ).toEqual([{ n: 1_000 - bad }]);
    },
  );

  test("one table takes everything when it is named", async () => {
    await load([event("Whatever", "Insert", { Id: 30, Name: "forced" })], { table: "cust02.Actor" });
    expect(await rows(`SELECT "Name" FROM cust02."Actor" WHERE "Id" = 30`)).toEqual([{ Name: "forced" }]);
  });

  test("a table with transforms is refused by name", async () => {
    const refused = {
      code: "CDC_TRANSFORM_UNSUPPORTED",
      message: "table cust01.Transformed: the native path cannot run its transforms: mask_ssn",
    };
    await expect(load([event("Transformed", "Insert", { Id: 1 })])).rejects.toMatchObject(refused);
    await expect(load([], { table: "cust01.Transformed" })).rejects.toMatchObject(refused);
  });

  test("a column that the events lack, perhaps spelled otherwise, is told once", async () => {
    const lines = [event("Actor", "Insert", { Id: 60, name: "a", amount: "1" }), event("Actor", "Insert", { Id: 61 })];
    expect((await load(lines)).notes).toEqual([
      'table cust01.Actor: the events lack "Amount", "Name", stored as NULL; they have "name", "amount", which the table does not take',
    ]);
    expect((await load([event("Actor", "Update", { Id: 60 })])).notes).toEqual([]);
  });

  test("an input that falls silent gets written before it ends", async () => {
    const { input, push, end } = slowInput();
    const sink = await openPostgresSink(database.config, { pipeline: "test" });
    const loading = loadEnvelopes(sink, input, { idleMs: 20 });
    push(`${JSON.stringify(event("Actor", "Insert", { Id: 40, Name: "slow" }))}\n`);
    for (;;) {
      const found = await rows(`SELECT FROM cust01."Actor" WHERE "Id" = 40`);
      if (found.length === 1) break;
    }
    end();
    expect(await loading).toMatchObject({ committed: 1 });
    await sink.close();
  });

  test("stopped by a signal, it leaves out what is not yet written", async () => {
    const { input, push, end } = slowInput();
    const stop = new AbortController();
    const sink = await openPostgresSink(database.config, { pipeline: "test" });
    const loading = loadEnvelopes(sink, input, { signal: stop.signal, batchRows: 1 });
    push(`${JSON.stringify(event("Actor", "Insert", { Id: 50, Name: "in" }))}\n`);
    while ((await rows(`SELECT FROM cust01."Actor" WHERE "Id" = 50`)).length === 0);
    stop.abort();
    push(`${JSON.stringify(event("Actor", "Insert", { Id: 51, Name: "out" }))}\n`);
    end();
    expect(await loading).toMatchObject({ committed: 1, interrupted: true });
    expect(await rows(`SELECT FROM cust01."Actor" WHERE "Id" = 51`)).toEqual([]);
    await sink.close();
  });
});

function slowInput(): { input: Readable; push: (text: string) => void; end: () => void } {
  const input = new Readable({ read: () => undefined });
  return { input, push: (text) => void input.push(Buffer.from(text)), end: () => void input.push(null) };
}
