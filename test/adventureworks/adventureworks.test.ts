import { createReadStream, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { closePools } from "../../databases/postgres/pool";
import type { SinkTable } from "../../model/sink";
import { formatType } from "../../sql/format-type";
import { loadEnvelopes } from "../../stream/load";
import { openPostgresSink } from "../../stream/sinks/postgres";
import { createTestDatabase, type TestDatabase } from "../harness/database";
import { Deployment } from "../harness/deployment";
import { expectedText } from "./expected-text";
import { openSampleDatabase, SAMPLES, type SampleDatabase } from "./folder";

type Row = Readonly<Record<string, string | null>>;
type RowFile = SampleDatabase["rowFiles"][number];

let sample: SampleDatabase;
let database: TestDatabase;

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

/** Columns of the final tables as the server has them: canonical type by `schema.table.column`. */
async function deployedColumns(): Promise<Map<string, string>> {
  const { rows } = await database.query<{ name: string; type: string }>(
    `SELECT n.nspname || '.' || c.relname || '.' || a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE a.attnum > 0 AND c.relkind = 'r' AND left(a.attname, 2) <> '__'
       AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'cdc_management') AND left(c.relname, 4) <> 'stg_'`,
  );
  return new Map(rows.map(({ name, type }) => [name, type]));
}

describe.each(SAMPLES)("%s", (name) => {
  let deployment: Deployment;

  beforeAll(async () => {
    database = await createTestDatabase();
    sample = openSampleDatabase(name, database.config.database);
    deployment = Deployment.of(database.config, sample.folder);
  });

  afterAll(async () => {
    rmSync(sample.folder, { recursive: true });
    await closePools();
    await database.drop();
  });

  test("all 71 definitions deploy through the built-in engine with their columns and types, and stay as they are", async () => {
    expect(sample.tables).toHaveLength(71);
    const { steps } = await deployment.run("up");
    const made = (noun: string) => steps.filter((step) => step.noun === noun && step.operation === "create").length;
    expect(["SinkTable", "StagingTable", "MergeProcedure"].map(made)).toEqual([71, 71, 71]);
    const wanted = sample.tables.flatMap(({ schema, name: table, columns }) =>
      columns
        .filter(({ origin }) => origin !== "metadata")
        .map((column) => [`${schema}.${table}.${column.name}`, formatType(column.type)] as const),
    );
    expect(await deployedColumns()).toEqual(new Map(wanted));
    for (const kind of ["refresh", "up"] as const) expect((await deployment.run(kind)).steps).toEqual([]);
    console.log(`${name}: 71 definitions, ${String(wanted.length)} columns deployed`);
  }, 300_000);

  test("every row loads through envelopes, and every value reads back as declared", async () => {
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
    const files = `${String(sample.rowFiles.length)} tables`;
    console.log(`${name}: ${String(values)} values in ${String(rows)} rows of ${files} read back equal`);
  }, 300_000);
});
