import fc from "fast-check";
import { openCopy } from "../../databases/postgres/copy";
import { cellOf } from "../../databases/sqlserver/rows/column";
import { memoryOf } from "../../databases/sqlserver/rows/memory";
import { rawColumn, type RawColumn } from "../../databases/sqlserver/rows/result-column";
import { RowFormatError } from "../../databases/sqlserver/rows/row-format-error";
import { mapType } from "../../model/type-mapping";
import { WIRE_TYPES, type WireType } from "../../test/arbitraries/wire-values";
import { createTestDatabase, type TestDatabase } from "../../test/harness/database";
import { sourceTypeOf } from "../../test/harness/wire-source-type";
import { REFUSED } from "./bytes/byte-writer";
import { byteWriterFor } from "./bytes/writer-for";

const VALUES = 100_000;
const ROWS = Math.ceil(VALUES / WIRE_TYPES.length);

interface Column {
  readonly name: string;
  readonly type: string;
  readonly raw: RawColumn;
  readonly values: readonly Buffer[];
}

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

function columnOf(wire: WireType, index: number): Column {
  const cell = cellOf(wire.metadata);
  if (cell === undefined) throw new Error(`no cell for ${wire.name}`);
  const { type } = mapType(sourceTypeOf(wire));
  const drawn = fc.sample(type === "xml" ? documents : wire.bytes, ROWS - wire.limits.length);
  const longest = wire.metadata.dataLength ?? Number.MAX_SAFE_INTEGER;
  const isShort = /(?:Char|Binary)$/.test(wire.metadata.type.name);
  const limits = type === "xml" ? drawn.slice(0, wire.limits.length) : wire.limits;
  const values = [...limits, ...drawn].map((value) => (isShort ? value.subarray(0, longest) : value));
  return { name: `c${String(index)}`, type, raw: rawColumn(wire.metadata, cell.read), values };
}

// What is no XML PostgreSQL refuses, as SQL Server does.
const documents = fc
  .array(fc.constantFrom("é", "中", "😀", "\\", "\n", "\t", "&lt;", "x", "<b/>"), { maxLength: 20 })
  .map((parts) => Buffer.from(`<a>${parts.join("")}</a>`, "utf16le"));

/** Lines of COPY text, and how many values there are that PostgreSQL cannot hold. */
function linesOf(columns: readonly Column[]): { readonly lines: string[]; readonly refused: number } {
  const writers = columns.map(({ raw, type }) => byteWriterFor(raw, type));
  let refused = 0;
  const lines = Array.from({ length: ROWS }, (_, row) => {
    const texts = columns.map(({ values }, index) => {
      const text = textFrom(writers[index], values[row] ?? Buffer.alloc(0));
      if (text === undefined) refused += 1;
      return text ?? "\\N";
    });
    return `${String(row)}\t${texts.join("\t")}\n`;
  });
  return { lines, refused };
}

function textFrom(writer: ReturnType<typeof byteWriterFor> | undefined, value: Buffer): string | undefined {
  const output = memoryOf(Buffer.alloc(1024));
  try {
    const end = writer?.(memoryOf(value), 0, value.length, output, 0) ?? REFUSED;
    return end === REFUSED ? undefined : output.buffer.toString("utf8", 0, end);
  } catch (error) {
    if (error instanceof RowFormatError) return undefined;
    throw error;
  }
}

const PRINTED: Readonly<Record<string, (name: string) => string>> = {
  bytea: (name) => `'0x' || encode(${name}, 'hex')`,
  boolean: (name) => `${name}::int::text`,
  real: (name) => `encode(float4send(${name}), 'hex')`,
  "double precision": (name) => `encode(float8send(${name}), 'hex')`,
  uuid: (name) => `upper(${name}::text)`,
};

/** SQL Server's text of the value as PostgreSQL prints it; what the type mapping declares as lost is left out. */
function expected(text: string, type: string): string {
  if (type.startsWith("timestamptz")) return instant(text);
  if (/^time/.test(type)) return cut(text);
  if (type.startsWith("char")) return text.replace(/ +$/, "");
  if (type === "real" || type === "double precision") return floatBytes(Number(text), type === "real" ? 4 : 8);
  return text;
}

function cut(text: string): string {
  const kept = text.replace(/(\.\d{6})\d+/, "$1");
  return kept.includes(".") ? kept.replace(/\.?0+$/, "") : kept;
}

function instant(text: string): string {
  const [, day = "", time = "", fraction = "", zone = ""] = /^(\S+) (\S{8})(\.\d+)? (\S+)$/.exec(text) ?? [];
  const utc = new Date(`${day}T${time}${zone}`).toISOString();
  return `${cut(utc.replace("T", " ").slice(0, 19) + fraction)}+00`;
}

function floatBytes(value: number, width: number): string {
  const bytes = Buffer.alloc(width);
  if (width === 4) bytes.writeFloatBE(value);
  else bytes.writeDoubleBE(value);
  return bytes.toString("hex");
}

test(`${VALUES.toLocaleString("en")} values of every type, limits included, are in PostgreSQL what they were`, async () => {
  const columns = WIRE_TYPES.map(columnOf);
  const { lines, refused } = linesOf(columns);
  const client = await database.connect();
  try {
    await client.query("SET TimeZone = 'UTC'");
    await client.query(`CREATE TEMP TABLE t (n int, ${columns.map(({ name, type }) => `${name} ${type}`).join(", ")})`);
    const copy = openCopy(client, "COPY t FROM STDIN");
    for (const line of lines) await copy.write(line);
    expect(await copy.finish()).toBe(ROWS);
    const printed = columns.map(({ name, type }) => `${PRINTED[type]?.(name) ?? `${name}::text`} AS ${name}`);
    const { rows } = await client.query<Record<string, string | null>>(
      `SELECT ${printed.join(", ")} FROM t ORDER BY n`,
    );
    let compared = 0;
    const wrong: string[] = [];
    for (const [number, row] of rows.entries()) {
      for (const { name, type, raw, values } of columns) {
        const found = row[name] ?? null;
        const value = values[number];
        if (found === null || value === undefined) continue;
        compared += 1;
        const text = expected(raw.read(value, 0, value.length), type);
        if (found !== text) wrong.push(`${raw.type} ${value.toString("hex")} as ${type}: ${found} for ${text}`);
      }
    }
    expect(wrong.slice(0, 10)).toEqual([]);
    expect(compared + refused).toBeGreaterThanOrEqual(VALUES);
    // Texts with a NUL or half a character, and moments beyond their type: careful mode's business.
    expect(refused).toBeLessThan(VALUES / 20);
  } finally {
    await client.end();
  }
});
