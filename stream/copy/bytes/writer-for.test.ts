import fc from "fast-check";
import { cellOf } from "../../../databases/sqlserver/rows/column";
import { memoryOf } from "../../../databases/sqlserver/rows/memory";
import { rawColumn } from "../../../databases/sqlserver/rows/result-column";
import { RowFormatError } from "../../../databases/sqlserver/rows/row-format-error";
import { WIRE_TYPES, type WireType } from "../../../test/arbitraries/wire-values";
import { codecFor } from "../../encode/codec-for";
import { REFUSED, roomFor } from "./byte-writer";
import { byteWriterFor } from "./writer-for";

const TARGETS = [
  ...["smallint", "integer", "bigint", "boolean", "real", "double precision", "date", "uuid", "bytea", "jsonb", "xml"],
  ...["numeric", "numeric(3,0)", "numeric(10,2)", "numeric(10)", "numeric(19,4)", "numeric(38,10)", "numeric(38,38)"],
  ...["numeric(2,5)", "time", "time(0)", "time(3)", "timestamp", "timestamp(0)", "timestamp(3)", "timestamp(6)"],
  ...["timestamptz", "timestamptz(0)", "timestamptz(3)", "text", "varchar", "varchar(3)", "varchar(12)", "varchar(36)"],
  ...["char(1)", "char(5)", "character varying(8)", "inet", "integer[]"],
];
const VALUES = 100;
const ROOM = 1 << 16;

/** What becomes of a value by its text: the text, or why there is none. */
function byText({ read }: ReturnType<typeof rawColumn>, type: string, bytes: Buffer): string {
  return outcomeOf(() => codecFor(type).encode(read(bytes, 0, bytes.length)));
}

function outcomeOf(make: () => string | undefined): string {
  try {
    return make() ?? "refused";
  } catch (error) {
    if (error instanceof RowFormatError) return `broken: ${error.message}`;
    throw error;
  }
}

function byBytes(writer: ReturnType<typeof byteWriterFor>, bytes: Buffer): string {
  // Neighbours on both sides: a writer must not read or write them.
  const input = Buffer.concat([Buffer.alloc(3, 0xab), bytes, Buffer.alloc(3, 0xcd)]);
  const output = Buffer.alloc(ROOM, 0x23);
  return outcomeOf(() => {
    const end = writer(memoryOf(input), 3, 3 + bytes.length, memoryOf(output), 5);
    if (end === REFUSED) return undefined;
    if (end - 5 > roomFor(bytes.length, 1)) return `${String(end)} is more than the room`;
    if (output.toString("latin1", 0, 5) !== "#####") return "wrote before its place";
    return output.toString("utf8", 5, end);
  });
}

function columnOf({ metadata }: WireType): ReturnType<typeof rawColumn> {
  const cell = cellOf(metadata);
  if (cell === undefined) throw new Error(`no cell for ${metadata.type.name}`);
  return rawColumn(metadata, cell.read);
}

describe("COPY text from bytes is what the codec makes of the exact text", () => {
  test.each(WIRE_TYPES.map((type) => [type.name, type] as const))("%s", (_name, type) => {
    const column = columnOf(type);
    const writers = TARGETS.map((target) => [target, byteWriterFor(column, target)] as const);
    const same = fc.property(type.bytes, (bytes) => {
      for (const [target, writer] of writers) {
        const expected = byText(column, target, bytes);
        const found = byBytes(writer, bytes);
        if (found !== expected) throw new Error(`${bytes.toString("hex")} as ${target}: ${found} for ${expected}`);
      }
    });
    fc.assert(same, { numRuns: VALUES, examples: type.limits.map((bytes) => [bytes] as const).map(([b]) => [b]) });
  });
});

test("a double with few bits after its point is written as its shortest text", () => {
  const column = columnOf(floatType());
  const writer = byteWriterFor(column, "double precision");
  const wholes = fc.oneof(fc.maxSafeNat(), fc.nat(), fc.nat(4_000_000), fc.constant(0));
  const same = fc.property(wholes, fc.integer({ min: -4095, max: 4095 }), fc.nat(20), (whole, units, bits) => {
    const value = (whole + units / 4096) / 2 ** (bits - 10);
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    expect(byBytes(writer, bytes)).toBe(Object.is(value, -0) ? "-0" : String(value));
  });
  fc.assert(same, { numRuns: 20_000 });
});

function floatType(): WireType {
  const found = WIRE_TYPES.find(({ metadata }) => metadata.type.name === "FloatN" && metadata.dataLength === 8);
  if (found === undefined) throw new Error("no wire type of 8 bytes for float");
  return found;
}
