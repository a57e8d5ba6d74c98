import { createReadStream, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { closePools } from "../../databases/postgres/pool";
import type { SinkTable } from "../../model/sink";
import { loadEnvelopes } from "../../stream/load";
import { openPostgresSink } from "../../stream/sinks/postgres";
import { createTestDatabase, type TestDatabase } from "../harness/database";
import { deployTables } from "../harness/deploy-tables";
import { expectedText } from "./expected-text";
import { openSampleDatabase, type SampleDatabase } from "./folder";

type Row = Readonly<Record<string, string | null>>;
type RowFile = SampleDatabase["rowFiles"][number];

let sample: SampleDatabase;
let database: TestDatabase;

beforeAll(async () => {
  sample = openSampleDatabase();
  database = await createTestDatabase();
  await deployTables(database, sample.tables);
});

afterAll(async () => {
  rmSync(sample.folder, { recursive: true });
  await closePools();
  await database.drop();
});

async function* rowsOf({ path }: RowFile): AsyncGenerator<Row> {
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    if (line !== "") yield JSON.parse(line) as Row;
  }
}

/** All rows as the events of a snapshot, table after table. */
async function* envelopes(files: readonly RowFile[]): AsyncGenerator<Buffer> {
  for (const file of files) {
    let chunk = "";
    for await (const data of rowsOf(file)) {
      const metadata = {
        TableName: file.table,
        Schema: file.schema,
        Database: "AdventureWorks",
        OperationType: "Read",
        LSN: "0".repeat(20),
      };
      chunk += `${JSON.stringify({ data, metadata })}\n`;
      if (chunk.length < 100_000) continue;
      yield Buffer.from(chunk);
      chunk = "";
    }
    yield Buffer.from(chunk);
  }
}

function tableOf(file: RowFile): SinkTable {
  const found = sample.tables.find(({ source }) => source.schema === file.schema && source.table === file.table);
  if (found === undefined) throw new Error(`${file.schema}.${file.table} has rows and no definition`);
  return found;
}

/** Stored rows as PostgreSQL prints them, by their key. */
async function stored(table: SinkTable): Promise<Map<string, Row>> {
  const client = await database.connect();
  const types = { getTypeParser: () => (text: string | Buffer) => text };
  const { rows } = await client.query<Record<string, string | null>>({
    text: `SELECT * FROM "${table.schema}"."${table.name}"`,
    types,
  });
  await client.end();
  return new Map(rows.map((row) => [table.key.map((name) => row[name]).join("\0"), row]));
}

/** Compares every value of a table; gives the number compared. */
async function compare(file: RowFile): Promise<{ rows: number; values: number }> {
  const table = tableOf(file);
  const found = await stored(table);
  const columns = table.columns.filter(({ origin }) => origin === "source");
  const counts = { rows: 0, values: 0 };
  const wrong: unknown[] = [];
  for await (const row of rowsOf(file)) {
    const expected = columns.map(({ name, source = name, sourceType = "", type }) => {
      const text = row[source] ?? null;
      return [name, text === null ? null : expectedText(text, sourceType, type)] as const;
    });
    const wanted = new Map(expected);
    const kept = found.get(table.key.map((name) => wanted.get(name)).join("\0"));
    for (const [name, text] of expected) {
      if (kept === undefined || kept[name] !== text)
        wrong.push({ table: table.name, name, sent: text, kept: kept?.[name] });
    }
    counts.rows += 1;
    counts.values += expected.length;
  }
  expect(wrong.slice(0, 5)).toEqual([]);
  expect(found.size).toBe(counts.rows);
  return counts;
}

test("every row of the sample database loads through envelopes, and every value reads back as declared", async () => {
  const sink = await openPostgresSink(database.config, { pipeline: "snapshot" });
  const result = await loadEnvelopes(sink, envelopes(sample.rowFiles));
  await sink.close();
  expect(result.reasons).toEqual([]);
  let rows = 0;
  let values = 0;
  for (const file of sample.rowFiles) {
    const counts = await compare(file);
    rows += counts.rows;
    values += counts.values;
  }
  expect(result).toMatchObject({ committed: rows, dead: 0, merged: { inserted: rows } });
  console.log(
    `${sample.name}: ${String(sample.tables.length)} tables deployed, ${String(values)} values in ${String(rows)} rows of ${String(sample.rowFiles.length)} tables read back equal`,
  );
}, 300_000);
