import type { ResultColumn } from "../session";
import { DATETIME_PER_DAY, splitTicks } from "../values/calendar";
import { encodeText, isLatin1 } from "../values/code-page";
import { describeType, familyOf, isMax, isUnicode, type SqlType } from "../values/sql-type";
import { guidBytes } from "../values/to-number";
import { as, type Value } from "../values/value";
import { ByteWriter } from "./byte-writer";
import { collationBytes, decimalWidth, isFixed, widthOf } from "./type-info";

/** Writes one cell as ROW has it. */
export type CellWriter = (w: ByteWriter, value: Value) => void;

/** How the cells of a column are written: with their length, or bare for fixed types that can't be NULL. */
export function cellWriterOf(type: SqlType, nullable: boolean): CellWriter {
  const plain = plainWriterOf(type);
  if (isFixed(type, nullable)) return plain;
  if (widthOf(type) > 0) {
    const width = widthOf(type);
    return (w, value) => {
      if (value === null) w.u8(0);
      else plain(w.u8(width), value);
    };
  }
  return variableWriterOf(type);
}

/** What the bytes of each column's cells depend on besides the value. */
export function cellShapes(columns: readonly Pick<ResultColumn, "type" | "nullable">[]): string[] {
  return columns.map(({ type, nullable }) => `${describeType(type)}${nullable ? "?" : ""}${type.collation ?? ""}`);
}

/** Values without a length in front: of the fixed types, and of the types that have one of their own. */
function plainWriterOf(type: SqlType): CellWriter {
  switch (type.name) {
    case "bit":
    case "tinyint":
      return (w, value) => w.u8(as.number(value));
    case "smallint":
      return (w, value) => w.i16(as.number(value));
    case "int":
      return (w, value) => w.i32(as.number(value));
    case "bigint":
      return (w, value) => w.i64(as.bigint(value));
    case "real":
      return (w, value) => w.f32(as.number(value));
    case "float":
      return (w, value) => w.f64(as.number(value));
    case "smallmoney":
      return (w, value) => w.i32(Number(as.bigint(value)));
    case "money":
      return (w, value) => w.i32(Number(as.bigint(value) >> 32n)).u32(Number(as.bigint(value) & 0xffffffffn));
    case "datetime":
      return (w, value) => {
        const days = Math.floor(as.number(value) / DATETIME_PER_DAY);
        w.i32(days).u32(as.number(value) - days * DATETIME_PER_DAY);
      };
    case "smalldatetime":
      return (w, value) => {
        const days = Math.floor(as.number(value) / 1440);
        w.u16(days).u16(as.number(value) - days * 1440);
      };
    default:
      return (w, value) => w.bytes(rawBytes(type, value));
  }
}

function variableWriterOf(type: SqlType): CellWriter {
  switch (familyOf(type)) {
    case "decimal":
      return (w, value) => {
        if (value === null) w.u8(0);
        else writeDecimal(w.u8(decimalWidth(type.precision)), as.bigint(value), type.precision);
      };
    case "time":
    case "guid":
      return (w, value) => {
        if (value === null) w.u8(0);
        else writeBytes1(w, rawBytes(type, value));
      };
    case "variant":
      return writeVariant;
    case "spatial":
      return writePlp(type);
    default:
      if (type.name === "xml" || isMax(type)) return writePlp(type);
      if (type.name === "text" || type.name === "ntext" || type.name === "image") return writeOldLob(type);
      return isUnicode(type) ? writeNVarChar : writeShort(type);
  }
}

function writeBytes1(w: ByteWriter, bytes: Buffer): void {
  w.u8(bytes.length).bytes(bytes);
}

function writeNVarChar(w: ByteWriter, value: Value): void {
  if (value === null) w.u16(0xffff);
  else w.u16(as.text(value).length * 2).utf16(as.text(value));
}

function writeShort(type: SqlType): CellWriter {
  return (w, value) => {
    if (value === null) {
      w.u16(0xffff);
      return;
    }
    if (typeof value === "string" && isLatin1(value, type.collation)) {
      w.u16(value.length).latin1(value);
      return;
    }
    const bytes = rawBytes(type, value);
    w.u16(bytes.length).bytes(bytes);
  };
}

/** Chunks of up to 64 KiB, so that clients see more than one. */
const PLP_CHUNK = 65_536;

function writePlp(type: SqlType): CellWriter {
  return (w, value) => {
    if (value === null) {
      w.u64(0xffffffffffffffffn);
      return;
    }
    const bytes = rawBytes(type, value);
    w.u64(BigInt(bytes.length));
    for (let at = 0; at < bytes.length; at += PLP_CHUNK) {
      const chunk = bytes.subarray(at, at + PLP_CHUNK);
      w.u32(chunk.length).bytes(chunk);
    }
    w.u32(0);
  };
}

const TEXT_POINTER = Buffer.concat([Buffer.from([16]), Buffer.from("dummy textptr\0\0\0"), Buffer.from("dummyTS\0")]);

function writeOldLob(type: SqlType): CellWriter {
  return (w, value) => {
    if (value === null) {
      w.u8(0);
      return;
    }
    const bytes = rawBytes(type, value);
    w.bytes(TEXT_POINTER).u32(bytes.length).bytes(bytes);
  };
}

/** The bytes of a value, without length. */
function rawBytes(type: SqlType, value: Value): Buffer {
  switch (familyOf(type)) {
    case "text":
      return isUnicode(type) ? Buffer.from(as.text(value), "utf16le") : encodeText(as.text(value), type.collation);
    case "decimal":
      return decimalBytes(as.bigint(value), type.precision);
    case "guid":
      return guidBytes(as.text(value));
    case "time":
      return momentBytes(type, value);
    default:
      return as.bytes(value);
  }
}

/** Sign and magnitude. */
function writeDecimal(w: ByteWriter, value: bigint, precision: number): void {
  w.u8(value < 0n ? 0 : 1);
  const size = value < 0n ? -value : value;
  if (precision <= 9) w.u32(Number(size));
  else w.u64(BigInt.asUintN(64, size));
  if (precision > 19) w.u32(Number((size >> 64n) & 0xffffffffn));
  if (precision > 28) w.u32(Number(size >> 96n));
}

function decimalBytes(value: bigint, precision: number): Buffer {
  const w = new ByteWriter(17);
  writeDecimal(w, value, precision);
  return w.view();
}

function momentBytes(type: SqlType, value: Value): Buffer {
  const w = new ByteWriter(10);
  if (type.name === "date") return w.unsigned(as.number(value), 3).view();
  if (type.name === "time") {
    writeTicks(w, as.number(value), type.scale);
  } else {
    const moment = type.name === "datetimeoffset" ? as.moment(value) : undefined;
    const { days, ticks } = splitTicks(moment?.ticks ?? as.bigint(value));
    writeTicks(w, ticks, type.scale);
    w.unsigned(days, 3);
    if (moment) w.i16(moment.offset);
  }
  return w.view();
}

function writeTicks(w: ByteWriter, ticks: number, scale: number): void {
  w.unsigned(Math.floor(ticks / 10 ** (7 - scale)), scale <= 2 ? 3 : scale <= 4 ? 4 : 5);
}

const VARIANT_BYTES: Readonly<Record<string, number>> = {
  bit: 0x32,
  tinyint: 0x30,
  smallint: 0x34,
  int: 0x38,
  bigint: 0x7f,
  real: 0x3b,
  float: 0x3e,
  smallmoney: 0x7a,
  money: 0x3c,
  smalldatetime: 0x3a,
  datetime: 0x3d,
  uniqueidentifier: 0x24,
  date: 0x28,
  time: 0x29,
  datetime2: 0x2a,
  datetimeoffset: 0x2b,
  decimal: 0x6a,
  numeric: 0x6c,
  varbinary: 0xa5,
  binary: 0xad,
  varchar: 0xa7,
  char: 0xaf,
  nvarchar: 0xe7,
  nchar: 0xef,
};

function writeVariant(w: ByteWriter, value: Value): void {
  const variant = value === null ? undefined : as.variant(value);
  if (!variant || variant.value === null) {
    w.u32(0);
    return;
  }
  const { base } = variant;
  const content = new ByteWriter();
  plainWriterOf(base)(content, variant.value);
  const properties = variantProperties(base);
  w.u32(content.length + properties.length + 2);
  w.u8(VARIANT_BYTES[base.name] ?? 0)
    .u8(properties.length)
    .bytes(properties)
    .bytes(content.view());
}

function variantProperties(base: SqlType): Buffer {
  const w = new ByteWriter(8);
  switch (familyOf(base)) {
    case "text":
      w.bytes(collationBytes(base.collation)).u16(base.length * (isUnicode(base) ? 2 : 1));
      break;
    case "binary":
      w.u16(base.length);
      break;
    case "decimal":
      if (widthOf(base) === 0) w.u8(base.precision).u8(base.scale);
      break;
    case "time":
      if (base.name === "time" || base.name === "datetime2" || base.name === "datetimeoffset") w.u8(base.scale);
      break;
    default:
  }
  return w.view();
}
