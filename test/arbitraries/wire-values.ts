import fc from "fast-check";
import type { ColumnMetadata } from "tedious/lib/token/colmetadata-token-parser";

/** A column type as it comes over TDS, and the bytes of its values. */
export interface WireType {
  readonly name: string;
  readonly metadata: ColumnMetadata;
  readonly bytes: fc.Arbitrary<Buffer>;
  readonly limits: readonly Buffer[];
}

/** What a column's metadata says besides its type. */
interface Details {
  readonly precision?: number;
  readonly scale?: number;
  readonly dataLength?: number;
  readonly codepage?: string;
}

const LAST_DAY = 3_652_058;
const DAY_SECONDS = 86_400;

function wireType(
  type: string,
  details: Details,
  bytes: fc.Arbitrary<Buffer>,
  limits: readonly (string | Buffer)[] = [],
): WireType {
  const { codepage, ...rest } = details;
  const collation = codepage === undefined ? undefined : { codepage };
  const metadata = { colName: "c", type: { name: type }, cryptoMetadata: undefined, collation, ...rest };
  const told = Object.values(details).map(String).join(",");
  return {
    name: told === "" ? type : `${type}(${told})`,
    metadata: metadata as unknown as ColumnMetadata,
    bytes,
    limits: limits.map((one) => (typeof one === "string" ? Buffer.from(one.replaceAll(" ", ""), "hex") : one)),
  };
}

function anyBytes(minLength: number, maxLength = minLength): fc.Arbitrary<Buffer> {
  return fc.uint8Array({ minLength, maxLength }).map((bytes) => Buffer.from(bytes));
}

/** Little-endian bytes of an integer; small ones are as likely as large ones. */
function integers(width: number, max = 2n ** BigInt(8 * width) - 1n): fc.Arbitrary<Buffer> {
  const sizes = Array.from({ length: String(max).length }, (_, digits) => 10n ** BigInt(digits + 1) - 1n);
  const value = fc.constantFrom(...sizes.map((size) => (size < max ? size : max)));
  return value.chain((most) => fc.bigInt({ min: 0n, max: most })).map((one) => little(one, width));
}

/** The same and their negatives, in two's complement. */
function signed(width: number): fc.Arbitrary<Buffer> {
  const all = 2n ** BigInt(8 * width);
  return fc.tuple(integers(width, all / 2n - 1n), fc.boolean()).map(([bytes, negative]) => {
    const value = BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
    return little(negative && value > 0n ? all - value : value, width);
  });
}

function little(value: bigint, width: number): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * width, "0"), "hex").reverse();
}

function decimalType(precision: number, scale: number): WireType {
  const words = precision <= 9 ? 1 : precision <= 19 ? 2 : precision <= 28 ? 3 : 4;
  const most = 10n ** BigInt(precision) - 1n;
  const magnitude = integers(4 * words, most);
  const bytes = fc
    .tuple(fc.constantFrom(0, 1), magnitude)
    .map(([sign, value]) => Buffer.concat([Buffer.of(sign), value]));
  const limits = [0, 1].flatMap((sign) =>
    [0n, 1n, 9n, most, most / 10n, 2n ** 53n, 2n ** 53n - 1n, 2n ** 32n, 10n ** 18n]
      .filter((value) => value <= most)
      .map((value) => Buffer.concat([Buffer.of(sign), little(value, 4 * words)])),
  );
  const type = scale % 2 === 0 ? "DecimalN" : "NumericN";
  // Beyond the precision: an error on either way.
  const tooLong = precision < 38 ? [Buffer.concat([Buffer.of(1), little(most + 1n, 4 * words)])] : [];
  return wireType(type, { precision, scale, dataLength: 4 * words + 1 }, bytes, [...limits, ...tooLong]);
}

/** Big-endian money words: the high one first. */
const money = signed(8).map((bytes) => Buffer.concat([bytes.subarray(4), bytes.subarray(0, 4)]));

function timeWidth(scale: number): number {
  return scale <= 2 ? 3 : scale <= 4 ? 4 : 5;
}

function times(scale: number): fc.Arbitrary<Buffer> {
  const most = BigInt(DAY_SECONDS) * 10n ** BigInt(scale) - 1n;
  return fc.bigInt({ min: 0n, max: most }).map((value) => little(value, timeWidth(scale)));
}

function lastTime(scale: number): Buffer {
  return little(BigInt(DAY_SECONDS) * 10n ** BigInt(scale) - 1n, timeWidth(scale));
}

const days = fc
  .oneof(fc.integer({ min: 0, max: LAST_DAY }), fc.integer({ min: 730_000, max: 740_000 }))
  .map((day) => little(BigInt(day), 3));

function joined(...parts: fc.Arbitrary<Buffer>[]): fc.Arbitrary<Buffer> {
  return fc.tuple(...parts).map((buffers) => Buffer.concat(buffers));
}

function momentTypes(scale: number): WireType[] {
  const [first, last] = [little(0n, timeWidth(scale)), lastTime(scale)];
  const [day1, day9999] = [little(0n, 3), little(BigInt(LAST_DAY), 3)];
  const midnight = little(BigInt(DAY_SECONDS) * 10n ** BigInt(scale), timeWidth(scale));
  const offsets = fc.integer({ min: -840, max: 840 }).map((minutes) => little(BigInt(minutes & 0xffff), 2));
  const zones = ["4803", "b8fc", "0000", "4903", "ff7f"];
  return [
    wireType("Time", { scale }, times(scale), [first, last, midnight]),
    wireType("DateTime2", { scale }, joined(times(scale), days), [
      Buffer.concat([first, day1]),
      Buffer.concat([last, day9999]),
      Buffer.concat([midnight, day9999]),
      Buffer.concat([first, little(BigInt(LAST_DAY + 1), 3)]),
    ]),
    wireType(
      "DateTimeOffset",
      { scale },
      joined(times(scale), days, offsets),
      zones.flatMap((zone) => [
        Buffer.concat([first, day1, Buffer.from(zone, "hex")]),
        Buffer.concat([last, day9999, Buffer.from(zone, "hex")]),
        Buffer.concat([first, little(730_000n, 3), Buffer.from(zone, "hex")]),
      ]),
    ),
  ];
}

const datetimes = fc
  .tuple(fc.integer({ min: -53_690, max: 2_958_463 }), fc.integer({ min: 0, max: DAY_SECONDS * 300 - 1 }))
  .map(([day, ticks]) => Buffer.concat([little(BigInt(day >>> 0), 4), little(BigInt(ticks), 4)]));
const smalldatetimes = fc
  .tuple(fc.integer({ min: 0, max: 65_535 }), fc.integer({ min: 0, max: 1439 }))
  .map(([day, minute]) => Buffer.concat([little(BigInt(day), 2), little(BigInt(minute), 2)]));

/** Texts with what is hard about them: escapes, NUL, pairs and halves of pairs, characters of 1 to 4 bytes. */
const units = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 0xffff }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(9, 10, 13, 0x5c, 8, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfeff, 0xffff),
  },
);
const wideText = fc
  .oneof(
    { weight: 4, arbitrary: fc.array(units, { maxLength: 40 }) },
    {
      weight: 2,
      arbitrary: fc
        .string({ unit: "binary", maxLength: 30 })
        .map((text) => [...Array(text.length).keys()].map((at) => text.charCodeAt(at))),
    },
    { weight: 1, arbitrary: fc.array(fc.constantFrom(0, 0x41, 0xd800, 0xdbff, 0xdc00, 0xdfff), { maxLength: 5 }) },
    {
      weight: 2,
      arbitrary: fc
        .constantFrom("1", "-5", "0.5", "1e5", "true", "2020-02-29", "12:00", "0xff", "{}", "[1]")
        .map((text) => [...Buffer.from(text)]),
    },
  )
  .map((codes) => Buffer.concat(codes.map((code) => little(BigInt(code), 2))));
const narrowText = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.array(fc.integer({ min: 0x20, max: 0x7e }), { maxLength: 40 }).map((codes) => Buffer.from(codes)),
  },
  { weight: 2, arbitrary: anyBytes(0, 20) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 20 }).map((text) => Buffer.from(text)) },
);
const everyByte = Array.from({ length: 256 }, (_, byte) => Buffer.of(0x61, byte, 0x62));

function textTypes(): WireType[] {
  const marked = wideText.map((bytes) => Buffer.concat([Buffer.of(0xff, 0xfe), bytes]));
  const wide = [
    wireType("NVarChar", { dataLength: 80 }, wideText, ["", "0000", "3dd800de", "3dd8", "00de3dd8"]),
    wireType("NVarChar", { dataLength: 0xffff }, wideText),
    wireType("NChar", { dataLength: 10 }, wideText),
    wireType("NText", {}, wideText),
    wireType("Xml", {}, fc.oneof(wideText, marked), ["fffe", "fffe6100", "fffefffe", ""]),
  ];
  const pages = ["CP1250", "CP1251", "CP1252", "CP1253", "CP1257", "CP874", "CP932", "CP936", "utf-8"];
  const narrow = pages.map((codepage) => wireType("VarChar", { dataLength: 40, codepage }, narrowText, everyByte));
  return [
    ...wide,
    ...narrow,
    wireType("Char", { dataLength: 8, codepage: "CP1252" }, narrowText),
    wireType("Text", { codepage: "CP1252" }, narrowText),
  ];
}

const floats = fc.double().map((value) => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
});
const shortFloats = fc
  .tuple(fc.integer({ min: -2_000_000_000, max: 2_000_000_000 }), fc.integer({ min: 0, max: 9 }))
  .map(([n, digits]) => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(n / 10 ** digits);
    return bytes;
  });
const reals = fc
  .oneof(
    fc.float(),
    shortFloats.map((bytes) => Math.fround(bytes.readDoubleLE())),
  )
  .map((value) => {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value);
    return bytes;
  });

function numberTypes(): WireType[] {
  const bits = ["00", "01", "02", "ff"];
  const both = (width: number) => [
    `${"00".repeat(width - 1)}80`,
    `${"ff".repeat(width - 1)}7f`,
    "ff".repeat(width),
    "00".repeat(width),
  ];
  const integerNames = { TinyInt: 1, SmallInt: 2, Int: 4, BigInt: 8 };
  const halves = ["0000000000002000", "ffffffffffff1f00", "000000000000e0ff", "0100000000002000", "000000000000dfff"];
  return [
    wireType("Bit", {}, anyBytes(1), bits),
    wireType("BitN", { dataLength: 1 }, anyBytes(1), bits),
    ...Object.entries(integerNames).flatMap(([name, width]) => [
      wireType(name, {}, signed(width), [...both(width), ...(width === 8 ? halves : [])]),
      wireType("IntN", { dataLength: width }, signed(width), both(width)),
    ]),
    ...[
      [1, 0],
      [4, 0],
      [5, 2],
      [9, 9],
      [10, 0],
      [18, 4],
      [19, 4],
      [19, 19],
      [28, 10],
      [29, 0],
      [38, 0],
      [38, 10],
      [38, 37],
      [38, 38],
    ].map(([precision = 0, scale = 0]) => decimalType(precision, scale)),
    wireType("Money", {}, money, [
      "00000080 00000000",
      "ffffff7f ffffffff",
      "ffffffff ffffffff",
      "00002000 00000000",
      "00000000 01000000",
    ]),
    wireType("MoneyN", { dataLength: 8 }, money, ["00000080 00000000", "ffffff7f ffffffff"]),
    wireType("SmallMoney", {}, signed(4), both(4)),
    wireType("MoneyN", { dataLength: 4 }, signed(4), both(4)),
    wireType("Float", {}, fc.oneof(floats, shortFloats), [
      "0000000000000080",
      "000000000000f07f",
      "000000000000f87f",
      "0100000000000000",
      "ffffffffffffef7f",
      "fca9f1d24d62503f",
    ]),
    wireType("FloatN", { dataLength: 8 }, fc.oneof(floats, shortFloats, anyBytes(8))),
    wireType("Real", {}, reals, ["00000080", "0000807f", "01000000", "ffff7f7f"]),
    wireType("FloatN", { dataLength: 4 }, fc.oneof(reals, anyBytes(4))),
  ];
}

/** Every type that SQL Server sends, with values at its limits and beyond them. */
export const WIRE_TYPES: readonly WireType[] = [
  ...numberTypes(),
  wireType("Date", {}, days, ["000000", "dab937", "dbb937", "ffffff"]),
  ...[0, 1, 2, 3, 4, 5, 6, 7].flatMap(momentTypes),
  wireType("DateTime", {}, datetimes, [
    "462effff 00000000",
    "7f242d00 ff818b01",
    "7f242d00 00828b01",
    "80242d00 00000000",
  ]),
  wireType("DateTimeN", { dataLength: 8 }, datetimes),
  wireType("SmallDateTime", {}, smalldatetimes, ["ffff9f05", "00000000", "0000a005"]),
  wireType("DateTimeN", { dataLength: 4 }, smalldatetimes),
  wireType("UniqueIdentifier", { dataLength: 16 }, anyBytes(16), ["00".repeat(16), "ff".repeat(16)]),
  wireType("VarBinary", { dataLength: 40 }, anyBytes(0, 40), ["", "00", "ff"]),
  wireType("VarBinary", { dataLength: 0xffff }, anyBytes(0, 40)),
  wireType("Binary", { dataLength: 8 }, anyBytes(8)),
  wireType("Image", {}, anyBytes(0, 40)),
  wireType("UDT", {}, anyBytes(0, 40)),
  ...textTypes(),
  wireType("Variant", {}, joined(fc.constant(Buffer.from("3800", "hex")), signed(4)), ["e707090400340034 00 6100"]),
];
