import fc from "fast-check";
import Debug from "tedious/lib/debug";
import StreamParser, { type ParserOptions } from "tedious/lib/token/stream-parser";
import { TokenHandler } from "tedious/lib/token/handler";
import { CANNED_ANSWER, CANNED_VALUES } from "./canned-answer";
import { plainRow, type PlainCell } from "./plain-rows";
import type { ResultColumn } from "./result-column";
import type { ExactRow } from "./row-reader";
import { RowTokenStream } from "./token-reader";

const OPTIONS = { useUTC: true, tdsVersion: "7_4" } as ParserOptions;
const answer = Buffer.from(CANNED_ANSWER, "base64");

// eslint-disable-next-line @typescript-eslint/require-await -- what the parsers take is asynchronous
async function* torn(bytes: Buffer, piece: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
}

function read(bytes: Buffer, piece = 1 << 20): Promise<{ rows: ExactRow[]; unknown: ResultColumn[] }> {
  return new Promise((resolve, reject) => {
    const rows: ExactRow[] = [];
    const unknown: ResultColumn[] = [];
    const ignore = new Proxy(new TokenHandler(), { get: () => () => undefined });
    const stream = new RowTokenStream(torn(bytes, piece), new Debug(), ignore, OPTIONS, {
      batch: (batch) => rows.push(...batch.rows),
      unknownColumn: (column) => unknown.push(column),
      failed: reject,
      isCancelled: () => false,
    });
    stream.on("end", () => {
      resolve({ rows, unknown });
    });
  });
}

/** An answer of one column: type bytes, then ROW tokens of cells, then DONE with their count. */
function answerOf(type: readonly number[], cells: readonly Buffer[], count = cells.length): Buffer {
  const head = Buffer.from([0x81, 1, 0, 0, 0, 0, 0, 9, 0, ...type, 1, 0x63, 0]);
  const done = Buffer.alloc(13);
  done[0] = 0xfd;
  done.writeUInt16LE(0x10, 1);
  done.writeUInt16LE(0xc1, 3);
  done.writeUInt32LE(count, 5);
  return Buffer.concat([head, ...cells.flatMap((cell) => [Buffer.of(0xd1), cell]), done]);
}

const LATIN = [9, 4, 0xd0, 0, 0x34];
const CYRILLIC = [0x19, 4, 0xd0, 0, 0];
const GREEK_437 = [9, 4, 0xd0, 0, 30];

test.each([1, 2, 3, 5, 8, 13, 64, 500])("an answer in pieces of %d bytes is the same", async (piece) => {
  expect((await read(answer, piece)).rows[0]).toEqual(CANNED_VALUES);
});

test("an answer that ends early anywhere is an error", async () => {
  for (let length = 0; length < answer.length; length += 1)
    await expect(read(answer.subarray(0, length))).rejects.toThrow(/end/);
});

test("a count that is not that of the rows is an error", async () => {
  const int = [0x38];
  await expect(read(answerOf(int, [Buffer.alloc(4)], 2))).rejects.toThrow("1 rows came of 2");
  await expect(read(answerOf(int, [Buffer.alloc(4)]))).resolves.toMatchObject({ rows: [["0"]] });
});

test.each([
  ["an int of 3 bytes", [0x26, 4], [3, 0, 0, 0]],
  ["a bit of 2", [0x32], [2]],
  ["a decimal's sign of 2", [0x6a, 5, 9, 2], [5, 2, 0, 0, 0, 0]],
  ["a decimal beyond its precision", [0x6a, 5, 5, 2], [5, 1, 0xff, 0xff, 0xff, 0xff]],
  ["a date after 9999", [0x28], [3, 0xff, 0xff, 0xff]],
  ["a time past midnight", [0x29, 0], [3, 0xff, 0xff, 0xff]],
  ["an offset of a day", [0x2b, 0], [8, 0, 0, 0, 1, 0, 0, 0xff, 0x7f]],
  ["half a character", [0xe7, 8, 0, ...LATIN], [3, 0, 0x41, 0, 0x41]],
  ["a varchar longer than its column", [0xa7, 2, 0, ...LATIN], [3, 0, 0x41, 0x41, 0x41]],
  ["chunks that are longer than the whole", [0xa5, 0xff, 0xff], [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 2, 0, 0, 0, 0]],
  ["a variant of an unknown type", [0x62, 0x49, 0x1f, 0, 0], [3, 0, 0, 0, 0x99, 0, 0]],
])("%s is an error, not a value", async (_what, type, cell) => {
  await expect(read(answerOf(type, [Buffer.from(cell)]))).rejects.toThrow(/./);
});

test("code pages other than the server's own", async () => {
  const cell = Buffer.concat([Buffer.of(3, 0), Buffer.of(0xcc, 0xe8, 0xf0)]);
  expect((await read(answerOf([0xa7, 9, 0, ...CYRILLIC], [cell]))).rows).toEqual([["Мир"]]);
});

test("a code page that nobody here knows is told by column, and its rows are skipped", async () => {
  const cell = Buffer.concat([Buffer.of(3, 0), Buffer.of(0xcc, 0xe8, 0xf0)]);
  const { rows, unknown } = await read(answerOf([0xa7, 9, 0, ...GREEK_437], [cell, cell]));
  expect({ rows, unknown }).toEqual({ rows: [], unknown: [{ name: "c", type: "VarChar" }] });
});

test("a value of megabytes in small packets, of unknown length", async () => {
  const chunk = Buffer.concat([Buffer.of(0, 4, 0, 0), Buffer.alloc(1024, 0xab)]);
  const cell = Buffer.concat([
    Buffer.from("feffffffffffffff", "hex"),
    ...Array<Buffer>(3000).fill(chunk),
    Buffer.alloc(4),
  ]);
  const { rows } = await read(answerOf([0xa5, 0xff, 0xff], [cell]), 4088);
  expect(rows[0]?.[0]).toBe(`0x${"ab".repeat(3000 * 1024)}`);
});

describe("where the driver is exact, we agree with it", () => {
  const bytes = (length: number): fc.Arbitrary<Buffer> =>
    fc.uint8Array({ minLength: length, maxLength: length }).map((one) => Buffer.from(one));
  const sized = (longest: number, unit: number): fc.Arbitrary<Buffer> =>
    fc.uint8Array({ maxLength: longest / unit }).map((one) => {
      const value = Buffer.concat(Array.from(one, (byte) => Buffer.of(byte === 0 ? 65 : byte, 0).subarray(0, unit)));
      return Buffer.concat([Buffer.of(value.length, 0), value]);
    });
  const nullable = (width: number): fc.Arbitrary<Buffer> =>
    fc.oneof(
      fc.constant(Buffer.of(0)),
      bytes(width).map((value) => Buffer.concat([Buffer.of(width), value])),
    );
  const days = fc
    .integer({ min: 0, max: 3_652_058 })
    .map((day) => Buffer.of(3, day & 255, (day >> 8) & 255, day >> 16));
  const moment = fc
    .tuple(fc.integer({ min: -53_690, max: 2_958_463 }), fc.integer({ min: 0, max: 25_919_999 }))
    .map(([day, ticks]) => {
      const cell = Buffer.alloc(9);
      cell[0] = 8;
      cell.writeInt32LE(day, 1);
      cell.writeUInt32LE(ticks, 5);
      return cell;
    });

  test.each<[string, number[], fc.Arbitrary<Buffer>]>([
    ["bigint", [0x26, 8], nullable(8)],
    ["int", [0x26, 4], nullable(4)],
    ["smallint", [0x26, 2], nullable(2)],
    ["float", [0x6d, 8], nullable(8)],
    ["real", [0x6d, 4], nullable(4)],
    ["uniqueidentifier", [0x24, 16], nullable(16)],
    ["date", [0x28], days],
    ["datetime", [0x6f, 8], moment],
    ["nvarchar", [0xe7, 200, 0, ...LATIN], sized(200, 2)],
    ["varbinary", [0xa5, 200, 0], sized(200, 1)],
  ])("%s", async (_type, type, cell) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(cell, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 200 }),
        async (cells, piece) => {
          const message = answerOf(type, cells);
          const theirs: ExactRow[] = [];
          for await (const token of StreamParser.parseTokens(torn(message, piece), new Debug(), OPTIONS))
            if (token?.handlerName === "onRow")
              theirs.push(plainRow((token as unknown as { columns: PlainCell[] }).columns));
          expect((await read(message, piece)).rows).toEqual(theirs);
        },
      ),
      { numRuns: 60 },
    );
  });
});

test("a byte that is wrong is an error or a value, never a crash or a wait without end", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(answer.length - 1),
      fc.nat(255),
      fc.integer({ min: 7, max: 900 }),
      async (at, byte, piece) => {
        const damaged = Buffer.from(answer);
        damaged[at] = byte;
        const result = await read(damaged, piece).catch((error: unknown) => error);
        expect(result).toBeDefined();
      },
    ),
    { numRuns: 400 },
  );
});
