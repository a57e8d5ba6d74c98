import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Client } from "pg";
import type { Envelope } from "../model/envelope";
import { decodeEnvelope } from "../stream/envelope/decode";
import { readLines } from "../stream/envelope/lines";
import { PositionReader } from "../stream/envelope/position";
import { loadEnvelopes } from "../stream/load";
import { Rejection } from "../stream/rejection";
import { openPostgresSink } from "../stream/sinks/postgres";
import { RowEncoder } from "../stream/staging/row-encoder";
import { shapeOf } from "../model/table-shape";
import { deployTables } from "../test/harness/deploy-tables";
import { column, sinkTable } from "../test/harness/sink-model";
import type { Bench, BenchContext } from "./bench";

const EVENTS = 300_000;
const KEYS = 120_000;
const PLAIN_BATCH_ROWS = 5_000;
const CHUNK_BYTES = 256 * 1024;
const DATABASE = "bench_load";
const WORK = { count: EVENTS, unit: "envelopes" };

const TABLE = sinkTable("bench", "Orders", {
  columns: [
    column("Id", "integer", { nullable: false }),
    column("Name", "varchar(50)"),
    column("Amount", "numeric(19,4)"),
    column("Quantity", "smallint"),
    column("Big", "bigint"),
    column("Active", "boolean"),
    column("Guid", "uuid"),
    column("Modified", "timestamp(3)"),
    column("Remark", "text"),
    column("Day", "date"),
  ],
});
const COLUMNS = TABLE.columns.filter(({ origin }) => origin === "source");

let folder: string;
let file: string;
let client: Client;

/** From a file of envelopes to merged rows. */
export const bench: Bench = {
  name: `Load of ${EVENTS.toLocaleString("en")} envelopes of 10 columns over ${KEYS.toLocaleString("en")} keys`,
  runs: 3,
  setUp() {
    folder = mkdtempSync(join(tmpdir(), "cdc-bench-load-"));
    file = join(folder, "envelopes.ndjson");
    writeFileSync(file, Array.from({ length: EVENTS }, (_, n) => `${JSON.stringify(envelope(n))}\n`).join(""));
    return Promise.resolve();
  },
  tearDown() {
    rmSync(folder, { recursive: true });
    return Promise.resolve();
  },
  variants: [
    { name: "plain INSERT ... ON CONFLICT, no types checked", work: WORK, prepare, run: loadPlainly },
    { name: "cdc load", work: WORK, prepare, run: load },
    {
      name: "cdc load: the same again (replay)",
      work: WORK,
      prepare: async (context) => {
        await prepare(context);
        await load(context);
      },
      run: load,
    },
    { name: "read, check and encode only", work: WORK, run: encodeOnly },
  ],
};

function envelope(n: number): Envelope {
  const Id = String((n * 7919) % KEYS);
  const data = {
    Id,
    Name: `Name of ${Id}`,
    Amount: (n / 7).toFixed(4),
    Quantity: String(n % 1000),
    Big: String(n * 1_000_003),
    Active: n % 2 === 0 ? "1" : "0",
    Guid: `F01251E5-96A3-448D-981E-${Id.padStart(12, "0")}`,
    Modified: "2025-02-07 10:17:21.587",
    Remark: `a remark with a few words, nothing special in it, number ${String(n)}`,
    Day: "2024-02-28",
  };
  const place = {
    LSN: (n >> 3).toString(16).padStart(20, "0"),
    CommandId: 1,
    SeqVal: n.toString(16).padStart(20, "0"),
  };
  const metadata = {
    TableName: "Orders",
    Schema: "dbo",
    OperationType: n < KEYS ? "Insert" : "Update",
    ...place,
  } as const;
  return { data, metadata: { ...metadata, CommitTime: "2025-02-07T10:17:21.587Z" } };
}

async function prepare(context: BenchContext): Promise<void> {
  await context.emptyDatabase(DATABASE);
  client = await context.connect(DATABASE);
  await deployTables({ config: { database: DATABASE }, query: client.query.bind(client) }, [TABLE]);
  await client.query("CHECKPOINT");
}

async function load({ postgres }: BenchContext): Promise<void> {
  const { host, port, user, password } = postgres;
  const sink = await openPostgresSink({ host, port, user, password, database: DATABASE }, { pipeline: "bench" });
  const { committed, dead } = await loadEnvelopes(sink, createReadStream(file, { highWaterMark: CHUNK_BYTES }));
  await sink.close();
  if (committed !== EVENTS || dead !== 0) throw new Error(`${String(committed)} loaded, ${String(dead)} dead`);
}

/** What one would write by hand: the data of each batch as JSON, newest last; no positions, no deletes, no checkpoint. */
async function loadPlainly(): Promise<void> {
  const names = COLUMNS.map(({ name }) => `"${name}"`).join(", ");
  const typed = COLUMNS.map(({ name, type }) => `"${name}" ${type}`).join(", ");
  const set = COLUMNS.slice(1).map(({ name }) => `"${name}" = excluded."${name}"`);
  const statement = `INSERT INTO bench."Orders" (${names}) SELECT ${names} FROM jsonb_to_recordset($1::jsonb) AS r (${typed})
    ON CONFLICT ("Id") DO UPDATE SET ${set.join(", ")}, __sync_timestamp = now()`;
  let batch = new Map<unknown, object>();
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { data } = JSON.parse(line) as Envelope;
    batch.set(data["Id"], data);
    if (batch.size < PLAIN_BATCH_ROWS) continue;
    await client.query(statement, [JSON.stringify([...batch.values()])]);
    batch = new Map();
  }
  await client.query(statement, [JSON.stringify([...batch.values()])]);
}

async function encodeOnly(): Promise<void> {
  const positions = new PositionReader();
  const encoder = new RowEncoder(shapeOf(TABLE), "bench");
  let characters = 0;
  for await (const lines of readLines(createReadStream(file, { highWaterMark: CHUNK_BYTES }))) {
    for (const { text } of lines) {
      const event = decodeEnvelope(text);
      const position = event instanceof Rejection ? event : positions.next(event.metadata);
      const row =
        event instanceof Rejection || position instanceof Rejection ? position : encoder.encode(event, position);
      if (row instanceof Rejection) throw new Error(row.reason);
      characters += Buffer.byteLength(row);
    }
  }
  if (characters === 0) throw new Error("nothing was read");
}
