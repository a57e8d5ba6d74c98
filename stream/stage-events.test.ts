import fc from "fast-check";
import { Readable } from "node:stream";
import { closePools } from "../databases/postgres/pool";
import type { Envelope } from "../model/envelope";
import type { SinkTable } from "../model/sink";
import { sampleOf, SAMPLED_TYPES } from "../test/arbitraries/sql-values";
import { createTestDatabase, type TestDatabase } from "../test/harness/database";
import { deployTables } from "../test/harness/deploy-tables";
import { column } from "../test/harness/sink-model";
import { empty, event, merge, rows, sent, stage, twins, type Delivered } from "../test/harness/twin-tables";
import { deliver } from "../test/histories/delivery";
import { live, wishes } from "../test/histories/history";
import { loadEnvelopes } from "./load";
import { openPostgresSink } from "./sinks/postgres";

const HISTORY = [
  column("h", "integer", { nullable: false }),
  column("k", "integer", { nullable: false }),
  column("Aye", "varchar(20)", { source: "a" }),
  column("b.~", "text", { source: "b" }),
  column("n", "numeric(8,2)"),
];
const KEYED = { columns: HISTORY, key: ["h", "k"] };
const HARD = twins("Hard", KEYED);
const SOFT = twins("Soft", { ...KEYED, onDelete: "soft" });
const TYPES = twins("Types", {
  columns: [
    column("id", "integer", { nullable: false }),
    ...SAMPLED_TYPES.map((type, index) => column(`c${String(index)}`, type)),
    column("required", "varchar(3)", { nullable: false }),
  ],
  key: ["id"],
});
const CUSTOMERS = twins("Customers", {
  columns: [
    column("id", "char(4)", { nullable: false }),
    column("_customer", "text", { origin: "template", constants: { a: "A", b: "B'" }, nullable: false }),
    column("_fixed", "numeric(8,2)", { origin: "template", constant: "1.5" }),
    column("_made", "integer", { origin: "template", default: "7" }),
  ].map(({ source, ...rest }) => (rest.origin === "template" ? rest : { ...rest, source: source ?? rest.name })),
  key: ["_customer", "id"],
  tenants: { a: "DbA", b: null },
});

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await deployTables(database, [...HARD, ...SOFT, ...TYPES, ...CUSTOMERS]);
});

afterAll(async () => {
  await closePools();
  await database.drop();
});

async function natively(table: SinkTable, events: readonly Delivered[]): Promise<void> {
  const sink = await openPostgresSink(database.config, { pipeline: "p", holder: "test" });
  const text = events.map((event) => (typeof event === "string" ? event : JSON.stringify(event))).join("\n");
  await loadEnvelopes(sink, Readable.from([Buffer.from(text)]), { table: `native.${table.name}` });
  await sink.close();
}

/** Dead letters of a table: positions, operations and how often. */
async function dead(table: SinkTable): Promise<unknown[]> {
  const { rows: letters } = await database.query<object>(
    `SELECT encode(position, 'hex') AS position, operation, payload #> '{data}' AS data, attempts
     FROM cdc_management.dead_letters WHERE schema_name = $1 ORDER BY 1, 2, payload::text`,
    [table.schema],
  );
  return letters;
}

async function expectEqual([native, kafka]: readonly [SinkTable, SinkTable]): Promise<void> {
  await merge(database, kafka);
  expect(await rows(database, kafka)).toEqual(await rows(database, native));
  expect(await dead(kafka)).toEqual(await dead(native));
}

const SPOILERS: readonly ((envelope: Envelope) => Delivered)[] = [
  ({ data, metadata }) => ({ data: { ...data, n: "1e9" }, metadata }),
  ({ data, metadata }) => ({ data: { ...data, k: "NaN" }, metadata }),
  ({ data, metadata }) => ({ data: { ...data, h: null, k: null }, metadata }),
  ({ data, metadata }) => ({ data: { ...data, a: "x".repeat(21) }, metadata }),
  ({ data, metadata }) => ({ data, metadata: { ...metadata, CommitTime: "yesterday" } }),
  ({ data, metadata }) => ({ data: { ...data, k: { deep: 1 } as never }, metadata }),
];

describe("events staged by stage_events", () => {
  test("merge into what the native path makes of the same histories, dead rows included", async () => {
    const run = async (lists: Parameters<typeof live>[1][], seed: number, soft: boolean, spoil: number[]) => {
      const pair = soft ? SOFT : HARD;
      await empty(database, pair);
      const events: Delivered[] = lists.flatMap((list, number) => live(number, list).events.map((one) => one.envelope));
      for (const [index, at] of spoil.entries()) {
        const envelope = events[at % Math.max(1, events.length)];
        if (typeof envelope === "object") events.push(SPOILERS[index % SPOILERS.length]?.(envelope) ?? envelope);
      }
      const [native, kafka] = pair;
      const order = { order: "shuffled", repeatEvery: 3, loads: 2, batchRows: 100, seed, plugs: [] } as const;
      for (const part of deliver(events, order)) {
        await natively(native, part);
        await stage(database, kafka, part);
        await merge(database, kafka);
      }
      await expectEqual(pair);
    };
    const many = fc.array(wishes, { minLength: 20, maxLength: 20 });
    const spoil = fc.array(fc.nat(1000), { maxLength: 9 });
    await fc.assert(fc.asyncProperty(many, fc.integer(), fc.boolean(), spoil, run), {
      numRuns: 15,
      endOnFailure: true,
    });
  }, 600_000);

  test("hold every type's values exactly, and refuse what the native path refuses", async () => {
    await empty(database, TYPES);
    const hostile = fc.oneof(
      fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\0", "")),
      fc.stringMatching(/^[-+]?[0-9]{0,25}[.eE]?[-+]?[0-9]{0,4}$/),
      fc.constantFrom(
        "NaN",
        "Infinity",
        "",
        " 1",
        "24:00:00",
        "12:00",
        "2024-02-30",
        "2024-02-29 23:59:60",
        "base64:AAE=",
      ),
      fc.constantFrom("9999-12-31 23:59:59.9999999", "2024-01-01T10:00:00Z", "0x0A", "true", "T", "{}", "yes", "1_0"),
    );
    let id = 0;
    const events: Delivered[] = [];
    const values = (type: string) =>
      fc.oneof(
        sampleOf(type).map(({ text }) => text),
        hostile,
        fc.constant(null),
      );
    for (const [index, type] of SAMPLED_TYPES.entries()) {
      for (const value of fc.sample(values(type), { numRuns: 60, seed: index })) {
        events.push(event("Insert", { id: (id += 1), required: "x", [`c${String(index)}`]: value }, id));
      }
    }
    for (const value of [1, 1.5, true, 2 ** 53, 12345678901234567890, 0.1]) {
      for (const [index] of SAMPLED_TYPES.entries())
        events.push(event("Insert", { id: (id += 1), required: "x", [`c${String(index)}`]: value }, id));
    }
    events.push(event("Insert", { id: (id += 1) }, id), event("Insert", { id: (id += 1), required: null }, id));
    const [native, kafka] = TYPES;
    await natively(native, events);
    await stage(database, kafka, events);
    await merge(database, kafka);
    const stored = (await rows(database, kafka)) as { id: number }[];
    const wanted = (await rows(database, native)) as { id: number }[];
    expect(wanted.length).toBeGreaterThan(events.length / 3);
    const differing = wanted.filter(
      (row) => JSON.stringify(stored.find((one) => one.id === row.id)) !== JSON.stringify(row),
    );
    expect(differing).toEqual([]);
    expect(stored.map((row) => row.id)).toEqual(wanted.map((row) => row.id));
  }, 120_000);

  test("fill template columns per customer, and put what transforms computed into columns without a source", async () => {
    await empty(database, CUSTOMERS);
    const events = [
      event("Insert", { id: "1" }, 1, { Tenant: "a" }),
      event("Insert", { id: "1   " }, 2, { Database: "DbA" }),
      event("Insert", { id: "1" }, 3, { Tenant: "b", Database: "any" }),
      event("Insert", { id: "2" }, 4, { Tenant: "c" }),
      event("Insert", { id: "3" }, 5),
      event("Delete", {}, 6, { Tenant: "b", Before: { id: "1" } }),
      event("Update", { id: "9 " }, 7, { Tenant: "a", Before: { id: "1" } }),
    ];
    await natively(CUSTOMERS[0], events);
    await stage(database, CUSTOMERS[1], events);
    await expectEqual(CUSTOMERS);
    const computed = { ...event("Insert", { id: "c" }, 8, { Tenant: "a" }), computed: { _made: "12" } };
    await stage(database, CUSTOMERS[1], [computed], [...sent(CUSTOMERS[1]), "_made"]);
    await stage(
      database,
      CUSTOMERS[1],
      [event("Update", {}, 9, { Tenant: "a", Before: { id: "c" } })],
      ["id", "_made"],
    );
    await merge(database, CUSTOMERS[1]);
    expect(await rows(database, CUSTOMERS[1])).toContainEqual(
      expect.objectContaining({ id: "c   ", _customer: "A", _fixed: 1.5, _made: 12 }),
    );
  });

  test("keep Kafka's topic, partition, offset and timestamp, and order by the offset within a transaction", async () => {
    await empty(database, HARD);
    const [, kafka] = HARD;
    const lsn = { LSN: "0x000000010000000100FF" };
    const row = (a: string): Envelope => ({
      data: { h: 1, k: 1, a },
      metadata: { TableName: "T", OperationType: "Update", ...lsn },
    });
    await stage(database, kafka, [row("first"), row("second"), row("third")]);
    const { rows: staged } = await database.query<object>(
      `SELECT __kafka_topic, __kafka_partition, __kafka_offset::int, __kafka_timestamp FROM kafka."stg_Hard" ORDER BY 3 LIMIT 1`,
    );
    const at = new Date(1500);
    expect(staged).toEqual([{ __kafka_topic: "t", __kafka_partition: 1, __kafka_offset: 0, __kafka_timestamp: at }]);
    await merge(database, kafka);
    expect(await rows(database, kafka)).toMatchObject([
      { Aye: "third", __cdc_position: `\\x000000010000000100ff00000000${"2".padStart(20, "0")}04` },
    ]);
  });

  test("one bad event among many loses none of the others, even when it is no JSON that PostgreSQL can hold", async () => {
    await empty(database, HARD);
    const [, kafka] = HARD;
    const events: Delivered[] = Array.from({ length: 2000 }, (_, k) => event("Insert", { h: 1, k, a: "x" }, k + 1));
    events[700] = JSON.stringify(event("Insert", { h: 1, k: 700, a: "nul" }, 701)).replace("nul", "\\u0000");
    events[701] = JSON.stringify(event("Insert", { h: 1, k: 701, a: "half" }, 702)).replace("half", "\\ud800");
    events.push(
      event("Sing" as never, { h: 1, k: 1 }, 2001),
      '{"data":{"h":1},"metadata":{}}',
      '{"data":[]}',
      '{"x":1}',
      ...["null", "5", '"text"', "[]"],
    );
    expect(await stage(database, kafka, events)).toEqual({ staged: 1998, dead: 10 });
    await merge(database, kafka);
    expect(await rows(database, kafka)).toHaveLength(1998);
    const { rows: letters } = await database.query<object>(
      "SELECT staged, payload ? 'text' AS text FROM cdc_management.dead_letters",
    );
    expect(letters).toHaveLength(10);
    expect(letters).toEqual(
      expect.arrayContaining([
        { staged: false, text: true },
        { staged: false, text: false },
      ]),
    );
  });

  test("a document that does not know a column, and a table that is not deployed, are errors", async () => {
    const [, kafka] = HARD;
    await expect(stage(database, kafka, [], ["h", "k"])).rejects.toMatchObject({ code: "CDC09" });
    await expect(stage(database, { ...kafka, name: 'x"; DROP' }, [])).rejects.toMatchObject({ code: "CDC08" });
  });
});
