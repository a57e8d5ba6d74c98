import fc from "fast-check";
import Debug from "tedious/lib/debug";
import type { ParserOptions } from "tedious/lib/token/stream-parser";
import { TokenHandler } from "tedious/lib/token/handler";
import { RowTokenStream, type RowTaker } from "../../databases/sqlserver/rows/token-reader";
import type { ExactRow } from "../../databases/sqlserver/rows/row-reader";
import type { TableShape } from "../../model/table-shape";
import { ChangeTaker } from "./change-taker";
import { CommitTimes } from "./commit-times";
import { CopyOutput } from "./copy-output";
import { TextCopier } from "./text-copier";

const OPTIONS = { useUTC: true, tdsVersion: "7_4" } as ParserOptions;
const LATIN = "0904d00034";
/** Type bytes of the log's columns and of seven others, as COLMETADATA has them. */
const LOG_TYPES = ["ad0a00", "2604", "ad0a00", "38", "a58000"];
const TYPES: readonly (readonly [wire: string, sink: string])[] = [
  ["38", "integer"],
  [`e71400${LATIN}`, "varchar(10)"],
  ["6a090f04", "numeric(15,4)"],
  ["2a07", "timestamp(6)"],
  [`e7ffff${LATIN}`, "text"],
  ["2410", "uuid"],
  [`a71400${LATIN}`, "text"],
];

const SHAPE: TableShape = {
  ...{ version: 1, schema: "s", table: "t", staging: "stg_t", procedure: "p", onDelete: "hard", transforms: [] },
  source: { database: "D", schema: "dbo", table: "T" },
  key: ["c0"],
  columns: TYPES.map(([, type], index) => ({
    name: `c${String(index)}`,
    source: `c${String(index)}`,
    type,
    nullable: index > 0,
  })),
};
const SOURCES = SHAPE.columns.map(({ name }, index) => ({
  source: name,
  captured: { name, sourceName: name, ordinal: index + 1, type: "" },
  large: index === 4,
}));
const TIMES = new CommitTimes();
for (let lsn = 0; lsn < 10; lsn += 1)
  TIMES.add(Buffer.from(lsn.toString(16).padStart(20, "0"), "hex"), 1_700_000_000_000 + lsn);

function utf16(text: string): string {
  return Buffer.from(text, "utf16le").toString("hex");
}

function short(hex: string): string {
  const bytes = hex.length / 2;
  return `${Buffer.of(bytes & 255, bytes >> 8).toString("hex")}${hex}`;
}

/** A long value in chunks of so many bytes. */
function chunked(hex: string, size: number): string {
  const chunks = hex.match(new RegExp(`.{1,${String(2 * size)}}`, "g")) ?? [];
  const word = (value: number): string => Buffer.from(Uint32Array.of(value).buffer).toString("hex");
  return `${word(hex.length / 2)}00000000${chunks.map((chunk) => word(chunk.length / 2) + chunk).join("")}00000000`;
}

function values(id: number): string[] {
  return [
    Buffer.from(Int32Array.of(id).buffer).toString("hex"),
    short(utf16(`n\t${String(id)}é`)),
    "09013930000000000000",
    "080000000000f1dd0a",
    chunked(utf16(`long ${String(id)} 😀\\`), 6),
    "1000112233445566778899aabbccddeeff",
    short(Buffer.from(`v${String(id)}\n`).toString("hex")),
  ];
}

function row(lsn: number, operation: number, id: number, nulls: readonly number[] = []): string {
  const ten = (value: number): string => value.toString(16).padStart(20, "0");
  const log = [
    short(ten(lsn)),
    "0401000000",
    short(ten(id)),
    Buffer.from(Int32Array.of(operation).buffer),
    short("7f"),
  ];
  const cells = [...log.map((one) => (typeof one === "string" ? one : one.toString("hex"))), ...values(id)];
  if (nulls.length === 0) return `d1${cells.join("")}`;
  const bitmap = Buffer.alloc(2);
  for (const index of nulls) bitmap[(index + 5) >> 3] = (bitmap[(index + 5) >> 3] ?? 0) | (1 << ((index + 5) & 7));
  return `d2${bitmap.toString("hex")}${cells.filter((_, index) => !nulls.includes(index - 5)).join("")}`;
}

function answer(): Buffer {
  const types = [...LOG_TYPES, ...TYPES.map(([wire]) => wire)];
  const metadata = types.map((type) => `000000000900${type}016300`).join("");
  const rows = [row(1, 2, 1), row(1, 2, 2, [1, 4]), row(2, 3, 1), row(2, 4, 1, [6]), row(3, 1, 2, [1, 2, 3, 4, 5, 6])];
  const done = `fd1000c100${Buffer.from(BigUint64Array.of(BigInt(rows.length)).buffer).toString("hex")}`;
  return Buffer.from(`81${Buffer.of(types.length, 0).toString("hex")}${metadata}${rows.join("")}${done}`, "hex");
}

// eslint-disable-next-line @typescript-eslint/require-await -- what the parser takes is asynchronous
async function* torn(bytes: Buffer, piece: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
}

/** Reads to the end; what makes no sense, and what the taker throws, rejects. */
function read(bytes: Buffer, piece: number, taker: RowTaker | undefined): Promise<readonly ExactRow[]> {
  return new Promise((resolve, reject) => {
    const rows: ExactRow[] = [];
    const ignore = new Proxy(new TokenHandler(), { get: () => () => undefined });
    const stream = new RowTokenStream(torn(bytes, piece), new Debug(), ignore, OPTIONS, {
      batch: (batch) => rows.push(...batch.rows),
      ...(taker === undefined ? {} : { taker }),
      unknownColumn: ({ type }) => {
        reject(new Error(`unknown type ${type}`));
      },
      failed: reject,
      isCancelled: () => false,
    });
    stream.on("end", () => {
      resolve(rows);
    });
  });
}

interface Parts {
  readonly parts: ConstructorParameters<typeof ChangeTaker>[0];
  text(): string;
}

function newParts(): Parts {
  const output = new CopyOutput(() => undefined);
  return {
    parts: { shape: SHAPE, sources: SOURCES, origin: "o", times: TIMES, output },
    text: () => output.buffer.toString("utf8", 0, output.at),
  };
}

async function byBytes(bytes: Buffer, piece = 1 << 20): Promise<string> {
  const { parts, text } = newParts();
  const taker = new ChangeTaker(parts);
  await read(bytes, piece, taker);
  taker.end();
  return text();
}

async function byText(bytes: Buffer): Promise<string> {
  const { parts, text } = newParts();
  const copier = new TextCopier(parts);
  for (const one of await read(bytes, 1 << 20, undefined)) copier.row(one);
  copier.end();
  return text();
}

const whole = answer();

test("the answer of these tests has what is hard about rows", async () => {
  const lines = (await byBytes(whole)).split("\n").slice(0, -1);
  expect(lines.map((line) => line.split("\t").slice(0, 7))).toEqual([
    ["1", "n\\t1é", "1.2345", expect.stringMatching(/^\d{4}-/), "long 1 😀\\\\", expect.any(String), "v1\\n"],
    ["2", "\\N", "1.2345", expect.any(String), "\\N", expect.any(String), "v2\\n"],
    ["1", "n\\t1é", "1.2345", expect.any(String), "long 1 😀\\\\", expect.any(String), "\\N"],
    ["2", "\\N", "\\N", "\\N", "\\N", "\\N", "\\N"],
  ]);
});

test.each([1, 2, 3, 5, 8, 13, 64, 333])("torn into pieces of %d bytes it gives the same lines", async (piece) => {
  expect(await byBytes(whole, piece)).toBe(await byText(whole));
});

test("cut off anywhere it is an error", async () => {
  for (let length = 0; length < whole.length; length += 1)
    await expect(byBytes(whole.subarray(0, length), 197)).rejects.toThrow(/./);
});

test("with a wrong byte it is an error, or what that byte means", async () => {
  // The driver prints what it doesn't know among the tokens that are its own.
  const printed = jest.spyOn(console, "error").mockImplementation(() => undefined);
  const seen = { lines: 0, errors: 0 };
  const right = await byBytes(whole);
  const place = fc.nat({ max: whole.length - 1 });
  const property = fc.asyncProperty(
    place,
    fc.nat({ max: 255 }),
    fc.integer({ min: 20, max: 400 }),
    async (at, to, piece) => {
      const bytes = Buffer.from(whole);
      bytes[at] = to;
      const settled = await Promise.allSettled([byBytes(bytes, piece), byText(bytes)]);
      const [fast, slow] = settled.map((one) => (one.status === "fulfilled" ? one.value : "error"));
      // Values that no line needs, such as those of an image before, aren't looked at.
      expect(fast).toBe(slow === "error" && fast === right ? right : slow);
      if (fast === "error") seen.errors += 1;
      else seen.lines += 1;
    },
  );
  await fc.assert(property, { numRuns: 1000 });
  printed.mockRestore();
  expect(Math.min(seen.lines, seen.errors)).toBeGreaterThan(100);
});
