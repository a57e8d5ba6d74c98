import { unsupported } from "../errors";
import { DATETIME_PER_DAY, TICKS_PER_DAY } from "../values/calendar";
import { decodeText } from "../values/code-page";
import { familyOf, isUnicode, typeOf, type SqlType } from "../values/sql-type";
import { guidOfBytes } from "../values/to-number";
import type { Value } from "../values/value";
import { ByteReader } from "./byte-reader";
import { widthOf, type WireType } from "./type-info";

/** Reads a value in the form of a parameter. */
export function readValue(r: ByteReader, { type, fixed, plp }: WireType): Value {
  if (fixed) return widthOf(type) === 0 ? null : readFixed(r, type);
  if (plp) return readPlp(r, type);
  switch (familyOf(type)) {
    case "variant":
      return readVariant(r);
    case "text":
    case "binary":
      return readSized(r, type);
    default: {
      const length = r.u8();
      if (length === 0) return null;
      return widthOf(type) > 0 ? readFixed(r, type) : ofBytes(r.bytes(length), type);
    }
  }
}

function readFixed(r: ByteReader, type: SqlType): Value {
  switch (type.name) {
    case "bit":
      return r.u8() === 0 ? 0 : 1;
    case "tinyint":
      return r.u8();
    case "smallint":
      return r.i16();
    case "int":
      return r.i32();
    case "bigint":
      return r.i64();
    case "real":
      return r.f32();
    case "float":
      return r.f64();
    case "smallmoney":
      return BigInt(r.i32());
    case "money": {
      const high = BigInt(r.i32());
      return (high << 32n) | BigInt(r.u32());
    }
    case "smalldatetime": {
      const days = r.u16();
      return days * 1440 + r.u16();
    }
    default: {
      const days = r.i32();
      return days * DATETIME_PER_DAY + r.u32();
    }
  }
}

function readSized(r: ByteReader, type: SqlType): Value {
  const old = type.name === "text" || type.name === "ntext" || type.name === "image";
  const length = old ? r.i32() : r.u16();
  if (length === (old ? -1 : 0xffff)) return null;
  return ofBytes(r.bytes(length), type);
}

function readPlp(r: ByteReader, type: SqlType): Value {
  if (r.u64() === 0xffffffffffffffffn) return null;
  const parts: Buffer[] = [];
  for (let size = r.u32(); size > 0; size = r.u32()) parts.push(r.bytes(size));
  return ofBytes(Buffer.concat(parts), type);
}

function ofBytes(bytes: Buffer, type: SqlType): Value {
  switch (familyOf(type)) {
    case "text":
      return isUnicode(type) ? bytes.toString("utf16le") : decodeText(bytes, type.collation);
    case "decimal":
      return decimalOf(bytes);
    case "guid":
      return guidOfBytes(bytes);
    case "time":
      return momentOf(new ByteReader(bytes), bytes.length, type);
    default:
      return bytes;
  }
}

function decimalOf(bytes: Buffer): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i > 0; i--) value = (value << 8n) | BigInt(bytes[i] ?? 0);
  return bytes[0] === 0 ? -value : value;
}

function momentOf(r: ByteReader, length: number, type: SqlType): Value {
  if (type.name === "date") return r.unsigned(3);
  const tail = type.name === "time" ? 0 : type.name === "datetime2" ? 3 : 5;
  const ticks = r.unsigned(length - tail) * 10 ** (7 - type.scale);
  if (type.name === "time") return ticks;
  const moment = BigInt(r.unsigned(3)) * BigInt(TICKS_PER_DAY) + BigInt(ticks);
  return type.name === "datetime2" ? moment : { ticks: moment, offset: r.i16() };
}

const BASES: Readonly<Record<number, Parameters<typeof typeOf>[0]>> = {
  0x30: "tinyint",
  0x32: "bit",
  0x34: "smallint",
  0x38: "int",
  0x7f: "bigint",
  0x3b: "real",
  0x3e: "float",
  0x3c: "money",
  0x7a: "smallmoney",
  0x3d: "datetime",
  0x3a: "smalldatetime",
  0x24: "uniqueidentifier",
  0x28: "date",
};

function readVariant(r: ByteReader): Value {
  const length = r.u32();
  if (length === 0) return null;
  const [byte, properties] = [r.u8(), r.u8()];
  const name = BASES[byte];
  if (name === undefined && byte !== 0xe7 && byte !== 0xa7)
    throw unsupported("this base type in a sql_variant parameter");
  r.skip(properties);
  const content = r.bytes(length - properties - 2);
  const base = name === undefined ? typeOf(byte === 0xe7 ? "nvarchar" : "varchar", 4000) : typeOf(name);
  const value = widthOf(base) > 0 ? readFixed(new ByteReader(content), base) : ofBytes(content, base);
  return { base, value: value as never };
}
