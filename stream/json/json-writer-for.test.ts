import fc from "fast-check";
import { cellOf } from "../../databases/sqlserver/rows/column";
import { memoryOf } from "../../databases/sqlserver/rows/memory";
import { rawColumn } from "../../databases/sqlserver/rows/result-column";
import { RowFormatError } from "../../databases/sqlserver/rows/row-format-error";
import { WIRE_TYPES, type WireType } from "../../test/arbitraries/wire-values";
import type { ByteWriter } from "../copy/bytes/byte-writer";
import { jsonRoom, jsonWriterFor } from "./json-writer-for";

const VALUES = 300;

function columnOf({ metadata }: WireType): ReturnType<typeof rawColumn> {
  const cell = cellOf(metadata);
  if (cell === undefined) throw new Error(`no cell for ${metadata.type.name}`);
  return rawColumn(metadata, cell.read);
}

function outcomeOf(make: () => string): string {
  try {
    return make();
  } catch (error) {
    if (error instanceof RowFormatError) return `broken: ${error.message}`;
    throw error;
  }
}

function byBytes(writer: ByteWriter, bytes: Buffer): string {
  // Neighbours on both sides: a writer must not read or write them.
  const input = memoryOf(Buffer.concat([Buffer.alloc(3, 0xab), bytes, Buffer.alloc(3, 0xcd)]));
  const output = Buffer.alloc(jsonRoom(bytes.length, 1) + 5, 0x23);
  return outcomeOf(() => {
    const end = writer(input, 3, 3 + bytes.length, memoryOf(output), 5);
    if (end > output.length) return `${String(end)} is more than the room`;
    if (output.toString("latin1", 0, 5) !== "#####") return "wrote before its place";
    return output.toString("utf8", 5, end);
  });
}

describe("JSON from bytes is what JSON.stringify makes of the exact text", () => {
  test.each(WIRE_TYPES.map((type) => [type.name, type] as const))("%s", (_name, type) => {
    const column = columnOf(type);
    const writer = jsonWriterFor(column);
    const same = fc.property(type.bytes, (bytes) => {
      const expected = outcomeOf(() => JSON.stringify(column.read(bytes, 0, bytes.length)));
      const found = byBytes(writer, bytes);
      if (found !== expected) throw new Error(`${bytes.toString("hex")}: ${found} for ${expected}`);
    });
    fc.assert(same, { numRuns: VALUES, examples: type.limits.map((bytes) => [bytes]) });
  });

  test.each([
    ["controls, quotes and backslashes", '\u0000\u0001\b\t\n\f\r\u001f"\\/\u007f'],
    ["characters of two, three and four bytes", "ä߀\u2028\uffff😀𝄞"],
    ["halves of pairs", "a\ud83db\ude00\ud83d"],
  ])("%s of nvarchar", (_title, text) => {
    const column = columnOf(WIRE_TYPES.find(({ metadata }) => metadata.type.name === "NVarChar")!);
    expect(byBytes(jsonWriterFor(column), Buffer.from(text, "utf16le"))).toBe(JSON.stringify(text));
  });

  test.each(["VarChar", "Char"])("every byte of %s in every code page", (name) => {
    for (const type of WIRE_TYPES.filter(({ metadata }) => metadata.type.name === name)) {
      const column = columnOf(type);
      for (let byte = 0; byte < 256; byte += 1) {
        const bytes = Buffer.of(byte);
        expect(byBytes(jsonWriterFor(column), bytes)).toBe(JSON.stringify(column.read(bytes, 0, 1)));
      }
    }
  });
});
