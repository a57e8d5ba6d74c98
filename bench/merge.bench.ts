import type { Client } from "pg";
import { openCopy } from "../databases/postgres/copy";
import { packPosition } from "../model/position";
import { callMerge, copyIntoStaging } from "../sql/load-statements";
import { deployTables } from "../test/harness/deploy-tables";
import { column, sinkTable } from "../test/harness/sink-model";
import type { Bench, BenchContext } from "./bench";

const CHANGES = 1_000_000;
const KEYS = 400_000;
const ROWS_PER_CHUNK = 500;
const AT_LEAST_PER_SECOND = 185_000;
const DATABASE = "bench_merge";

const TABLE = sinkTable("bench", "Changes", {
  columns: [
    column("Id", "integer", { nullable: false }),
    column("Name", "varchar(50)", { nullable: false }),
    column("City", "varchar(50)"),
    column("Remark", "varchar(200)"),
    column("Amount", "numeric(12,2)"),
    column("Quantity", "integer"),
    column("Created", "timestamp(3)"),
    column("Modified", "timestamp(3)"),
    column("Active", "boolean"),
    column("Code", "varchar(20)"),
  ],
});
const OWN = TABLE.columns.filter(({ origin }) => origin === "source").map(({ name }) => name);
const STAGED = [...OWN, "__source", "__source_ts_ms", "__cdc_operation", "__cdc_position"];
const COPY = copyIntoStaging(TABLE, STAGED);

let chunks: Buffer[] = [];
let bytes = 0;
let client: Client;

/** COPY of 1,000,000 changes over 400,000 keys and their merge, half of the keys being there already. */
export const bench: Bench = {
  name: "Merge of 1,000,000 changes over 400,000 keys, COPY included",
  runs: 3,
  setUp() {
    chunks = [...changeChunks()];
    bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    return Promise.resolve();
  },
  tearDown() {
    chunks = [];
    return Promise.resolve();
  },
  variants: [
    {
      name: "plain INSERT ... ON CONFLICT",
      work: { count: CHANGES, unit: "changes" },
      prepare: (context) => prepare(context, 'ALTER TABLE bench."stg_Changes" DISABLE TRIGGER ALL'),
      run: () => load(plainUpsert()),
    },
    {
      name: "sp_merge: positions, deletes, dead letters",
      work: { count: CHANGES, unit: "changes" },
      limit: { atLeastPerSecond: AT_LEAST_PER_SECOND },
      prepare: (context) => prepare(context),
      run: () => load([callMerge(TABLE)]),
      figures,
    },
    {
      name: "sp_merge: the same again (replay)",
      work: { count: CHANGES, unit: "changes" },
      prepare: async (context) => {
        await prepare(context);
        await load([callMerge(TABLE)]);
      },
      run: () => load([callMerge(TABLE)]),
    },
  ],
};

async function prepare(context: BenchContext, more = ""): Promise<void> {
  // DROP DATABASE ends the former connection.
  await context.emptyDatabase(DATABASE);
  client = await context.connect(DATABASE);
  await deployTables({ config: { database: DATABASE }, query: client.query.bind(client) }, [TABLE]);
  await client.query(
    `INSERT INTO bench."Changes" ("Id", "Name", __cdc_position) SELECT g, 'before', '\\x00' FROM generate_series(0, ${String(KEYS - 1)}, 2) AS g;
     ANALYZE bench."Changes"; ${more}`,
  );
  await client.query("CHECKPOINT");
}

/** One transaction, as the native sink does it. */
async function load(statements: readonly string[]): Promise<void> {
  await client.query("BEGIN");
  const copy = openCopy(client, COPY);
  for (const chunk of chunks) await copy.write(chunk);
  await copy.finish();
  for (const statement of statements) await client.query(statement);
  await client.query("COMMIT");
}

/** What one would write by hand, without positions in the target, deletes, dead letters or a log. */
function plainUpsert(): string[] {
  const columns = STAGED.map((name) => `"${name}"`).join(", ");
  const set = STAGED.filter((name) => name !== "Id").map((name) => `"${name}" = excluded."${name}"`);
  return [
    `INSERT INTO bench."Changes" (${columns})
     SELECT DISTINCT ON ("Id") ${columns} FROM bench."stg_Changes" ORDER BY "Id", __cdc_position DESC
     ON CONFLICT ("Id") DO UPDATE SET ${set.join(", ")}, __sync_timestamp = now()`,
    `DELETE FROM bench."stg_Changes"`,
  ];
}

async function figures(): Promise<Record<string, number>> {
  const { rows } = await client.query<{ merge: number }>(
    "SELECT duration_ms / 1000.0 AS merge FROM cdc_management.cdc_processing_log ORDER BY id DESC LIMIT 1",
  );
  return { "s of merge alone": Number(rows[0]?.merge), "bytes a change": bytes / CHANGES };
}

function* changeChunks(): Generator<Buffer> {
  let lines: string[] = [];
  for (let index = 0, key = 7; index < CHANGES; index += 1) {
    key = (key * 1_103_515_245 + 12_345) & 0x7fffffff;
    lines.push(line(index, (key >> 4) % KEYS));
    if (lines.length < ROWS_PER_CHUNK) continue;
    yield Buffer.from(lines.join(""));
    lines = [];
  }
}

function line(index: number, key: number): string {
  const day = String((index % 28) + 1).padStart(2, "0");
  const lsn = Math.floor(index / 10)
    .toString(16)
    .padStart(20, "0");
  const seqval = index.toString(16).padStart(20, "0");
  const position = packPosition({ lsn, commandId: 1, seqval, operation: 4 });
  const text = [
    ...[key, `name ${String(index % 5_000)}`, `city ${String(index % 100)}`, "r".repeat(20 + (index % 30))],
    ...[(index % 100_000) / 100, index % 1_000, `2024-01-${day} 10:00:00.123`, `2024-06-${day} 11:30:00.997`],
    ...[index % 2 === 0 ? "t" : "f", `code ${String(index % 10_000)}`, "main", 1_700_000_000_000 + index, "Update"],
  ];
  return `${text.join("\t")}\t\\\\x${position}\n`;
}
