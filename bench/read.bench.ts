import { closePools } from "../databases/sqlserver/pool";
import { queryRows, streamRows } from "../databases/sqlserver/run";
import type { MsSqlConfig } from "../databases/sqlserver/config";
import { NO_LSN, type Lsn } from "../model/lsn";
import { shapeOf, type TableShape } from "../model/table-shape";
import { mapType } from "../model/type-mapping";
import { startSqlServerProcess, type SqlServerProcess } from "../sandbox/sqlserver/child";
import { lsnBytes } from "../sql/sqlserver/capture-statements";
import { selectChanges } from "../sql/sqlserver/change-statements";
import { capturedSources } from "../stream/copy/captured-sources";
import { copyChanges, type ChangeCopy } from "../stream/copy/change-copier";
import { readCommitTimes } from "../stream/copy/commit-times";
import { CopyOutput } from "../stream/copy/copy-output";
import { TextCopier } from "../stream/copy/text-copier";
import { column, sinkTable } from "../test/harness/sink-model";
import type { Bench, Limit, Variant } from "./bench";

const DATABASE = "Clinic";
const CHANGES_PER_TRANSACTION = 10;

const NARROW = [
  ...["int", "bigint", "char(8)", "nvarchar(20)", "decimal(19,4)", "money", "smallint", "bit", "uniqueidentifier"],
  ...["datetime2(7)", "datetime", "date", "varchar(40)", "float"],
];
const WIDE = [
  ...["int", ...repeat("int", 10), ...repeat("bigint", 4), ...repeat("decimal(19,4)", 6), ...repeat("datetime2(7)", 5)],
  ...[...repeat("nvarchar(24)", 8), ...repeat("varchar(30)", 3), ...repeat("bit", 3), ...repeat("date", 2)],
  ...repeat("uniqueidentifier", 2),
];

/** A captured table full of changes. */
interface Read {
  readonly table: string;
  readonly types: readonly string[];
  readonly rows: number;
  readonly limit: Limit;
}

const READS: readonly Read[] = [
  { table: "Visit", types: NARROW, rows: 400_000, limit: { atLeastPerSecond: 500_000 } },
  { table: "Wide", types: WIDE, rows: 200_000, limit: { atLeastPerSecond: 200_000 } },
];

let server: SqlServerProcess;
let config: MsSqlConfig;
let copied = { rows: 0, bytes: 0 };

/** From change tables to COPY text, over TLS, the stand-in in a process of its own. */
export const bench: Bench = {
  name: "Change rows from the SQL Server stand-in to COPY text, over TLS",
  runs: 3,
  async setUp() {
    server = await startSqlServerProcess({ databases: [DATABASE] });
    const { host, port, user, password } = server;
    config = { host, port, user, password, database: DATABASE, trustServerCertificate: true };
    await queryRows(config, "EXEC sys.sp_cdc_enable_db");
    for (const read of READS) await fill(read);
  },
  async tearDown() {
    closePools();
    await server.stop();
  },
  variants: READS.flatMap((read) => [
    variant(read, "by the driver's own parser", (copy) => copyChanges(config, { ...copy, plain: true }, taken)),
    variant(read, "by exact text and codecs", byText),
    { ...variant(read, "byte by byte", (copy) => copyChanges(config, copy, taken)), limit: read.limit },
  ]),
};

function variant(read: Read, how: string, run: (copy: ChangeCopy) => Promise<{ readonly rows: number }>): Variant {
  return {
    name: `${String(read.types.length)} columns ${how}`,
    work: { count: read.rows, unit: "rows" },
    async run() {
      copied = { rows: 0, bytes: 0 };
      const { rows } = await run(copyOf(read));
      copied.rows = rows;
      if (rows !== read.rows) throw new Error(`${String(rows)} rows of ${String(read.rows)}`);
    },
    figures: () => Promise.resolve({ "B of text per row": Math.round(copied.bytes / copied.rows) }),
  };
}

async function fill({ table, types, rows }: Read): Promise<void> {
  const columns = types.map((type, index) => `c${String(index)} ${type} NOT NULL${index === 0 ? " PRIMARY KEY" : ""}`);
  await queryRows(config, `CREATE TABLE dbo.${table} (${columns.join(", ")})`);
  const names = `@source_schema = N'dbo', @source_name = N'${table}', @role_name = NULL, @supports_net_changes = 0`;
  await queryRows(config, `EXEC sys.sp_cdc_enable_table ${names}`);
  const mix = { insert: 1, update: 0, delete: 0 };
  const feed = await server.feed(table, DATABASE, {
    tables: [`dbo.${table}`],
    changesPerTransaction: CHANGES_PER_TRANSACTION,
    mix,
  });
  await feed.make(rows);
}

function copyOf({ table, types }: Read): ChangeCopy {
  const columns = types.map((type, index) => ({ name: `c${String(index)}`, type, ordinal: index + 1 }));
  const captured = columns.map((one) => ({ ...one, sourceName: one.name }));
  const instance = { name: `dbo_${table}`, schema: "dbo", table, startLsn: NO_LSN, columns: captured };
  return { shape: shape(table, types), origin: "stream", instance, after: NO_LSN, upTo: "f".repeat(20) as Lsn };
}

function shape(table: string, types: readonly string[]): TableShape {
  const columns = types.map((type, index) =>
    column(`c${String(index)}`, mapType(type).type, { nullable: index > 0, source: `c${String(index)}` }),
  );
  const source = { database: DATABASE, schema: "dbo", table };
  return shapeOf(sinkTable("clinic", table, { columns, source, key: ["c0"] }));
}

/** Our decoder to exact text, then the codecs. */
async function byText(copy: ChangeCopy): Promise<{ readonly rows: number }> {
  const sources = capturedSources(copy.shape, copy.instance);
  const names = sources.map(({ captured }) => captured.name);
  const parameters = [
    { name: "after", type: "varbinary", value: lsnBytes(copy.after) },
    { name: "upto", type: "varbinary", value: lsnBytes(copy.upTo) },
  ] as const;
  const output = new CopyOutput(taken);
  const copier = new TextCopier({ ...copy, sources, output, times: await readCommitTimes(config, copy) });
  for await (const { rows } of streamRows(config, selectChanges(copy.instance.name, names), { parameters }))
    for (const row of rows) copier.row(row);
  await output.end();
  return copier;
}

function taken(chunk: Buffer): undefined {
  copied.bytes += chunk.length;
}

function repeat(type: string, times: number): string[] {
  return Array.from({ length: times }, () => type);
}
