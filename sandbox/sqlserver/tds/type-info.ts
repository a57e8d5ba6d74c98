import { unsupported } from "../errors";
import { DEFAULT_COLLATION } from "../values/collation";
import { isMax, MAX, T, typeOf, type SqlType, type TypeName } from "../values/sql-type";
import type { ByteReader } from "./byte-reader";
import type { ByteWriter } from "./byte-writer";

/** Type bytes that are not simply one of the tables below. */
export const TYPE = { variant: 0x62, udt: 0xf0, xml: 0xf1, text: 0x23, ntext: 0x63, image: 0x22 } as const;

/** Types whose non-NULL form has a byte of its own: it, and the width of the value. */
const FIXED: Partial<Record<TypeName, readonly [byte: number, width: number]>> = {
  bit: [0x32, 1],
  tinyint: [0x30, 1],
  smallint: [0x34, 2],
  int: [0x38, 4],
  bigint: [0x7f, 8],
  real: [0x3b, 4],
  float: [0x3e, 8],
  smallmoney: [0x7a, 4],
  money: [0x3c, 8],
  smalldatetime: [0x3a, 4],
  datetime: [0x3d, 8],
};

const NULLABLE: Partial<Record<TypeName, number>> = {
  bit: 0x68,
  tinyint: 0x26,
  smallint: 0x26,
  int: 0x26,
  bigint: 0x26,
  real: 0x6d,
  float: 0x6d,
  smallmoney: 0x6e,
  money: 0x6e,
  smalldatetime: 0x6f,
  datetime: 0x6f,
};

const SIZED: Partial<Record<TypeName, number>> = {
  varbinary: 0xa5,
  varchar: 0xa7,
  binary: 0xad,
  timestamp: 0xad,
  char: 0xaf,
  nvarchar: 0xe7,
  nchar: 0xef,
};

const SCALED: Partial<Record<TypeName, number>> = { time: 0x29, datetime2: 0x2a, datetimeoffset: 0x2b };

/** True when values of a NOT NULL column travel without a length. */
export function isFixed(type: SqlType, nullable: boolean): boolean {
  return !nullable && type.name in FIXED;
}

/** Bytes of a value of a fixed type. */
export function widthOf(type: SqlType): number {
  return FIXED[type.name]?.[1] ?? 0;
}

/** Bytes of a decimal with that many digits, sign included. */
export function decimalWidth(precision: number): number {
  return precision <= 9 ? 5 : precision <= 19 ? 9 : precision <= 28 ? 13 : 17;
}

/** The five bytes that describe a collation: locale, flags, sort order. */
export function collationBytes(name = DEFAULT_COLLATION): Buffer {
  if (name.endsWith("_UTF8")) return Buffer.from([0x09, 0x04, 0xd0, 0x24, 0x00]);
  const caseSensitive = /_CS_/.test(name);
  if (/_BIN2/.test(name)) return Buffer.from([0x09, 0x04, 0x00, 0x02, 0x00]);
  if (name === DEFAULT_COLLATION) return Buffer.from([0x09, 0x04, 0xd0, 0x00, 0x34]);
  return Buffer.from([0x09, 0x04, caseSensitive ? 0xc0 : 0xd0, 0x00, 0x00]);
}

/** The database that a UDT column names. */
export function writeTypeInfo(w: ByteWriter, type: SqlType, nullable: boolean, database = "master"): void {
  const fixed = FIXED[type.name];
  if (fixed) {
    if (nullable) w.u8(NULLABLE[type.name] ?? 0).u8(fixed[1]);
    else w.u8(fixed[0]);
    return;
  }
  const scaled = SCALED[type.name];
  if (scaled !== undefined) w.u8(scaled).u8(type.scale);
  else if (SIZED[type.name] !== undefined) writeSized(w, type);
  else writeOther(w, type, database);
}

function writeSized(w: ByteWriter, type: SqlType): void {
  const wide = type.name === "nvarchar" || type.name === "nchar";
  const length = type.name === "timestamp" ? 8 : type.length;
  w.u8(SIZED[type.name] ?? 0).u16(isMax(type) ? 0xffff : Math.max(1, length) * (wide ? 2 : 1));
  if (wide || type.name === "varchar" || type.name === "char") w.bytes(collationBytes(type.collation));
}

function writeOther(w: ByteWriter, type: SqlType, database: string): void {
  switch (type.name) {
    case "decimal":
    case "numeric":
      w.u8(type.name === "decimal" ? 0x6a : 0x6c)
        .u8(decimalWidth(type.precision))
        .u8(type.precision)
        .u8(type.scale);
      break;
    case "date":
      w.u8(0x28);
      break;
    case "uniqueidentifier":
      w.u8(0x24).u8(16);
      break;
    case "sql_variant":
      w.u8(TYPE.variant).u32(8009);
      break;
    case "xml":
      w.u8(TYPE.xml).u8(0);
      break;
    case "image":
      w.u8(TYPE.image).u32(0x7fffffff);
      break;
    case "text":
    case "ntext":
      w.u8(type.name === "text" ? TYPE.text : TYPE.ntext)
        .u32(type.name === "text" ? 0x7fffffff : 0x7ffffffe)
        .bytes(collationBytes(type.collation));
      break;
    default:
      writeUdt(w, type, database);
  }
}

function writeUdt(w: ByteWriter, type: SqlType, database: string): void {
  const assembly =
    type.name === "hierarchyid" ? "SqlHierarchyId" : `Sql${type.name[0]?.toUpperCase() ?? ""}${type.name.slice(1)}`;
  w.u8(TYPE.udt).u16(type.name === "hierarchyid" ? 892 : 0xffff);
  w.bVarChar(database).bVarChar("sys").bVarChar(type.name);
  w.usVarChar(
    `Microsoft.SqlServer.Types.${assembly}, Microsoft.SqlServer.Types, Version=11.0.0.0, Culture=neutral, PublicKeyToken=89845dcd8080cc91`,
  );
}

const BY_BYTE = new Map<number, TypeName>();
for (const [name, [byte]] of Object.entries(FIXED)) BY_BYTE.set(byte, name as TypeName);

const BY_WIDTH: Readonly<Record<number, Readonly<Record<number, TypeName>>>> = {
  0x26: { 1: "tinyint", 2: "smallint", 4: "int", 8: "bigint" },
  0x68: { 1: "bit" },
  0x6d: { 4: "real", 8: "float" },
  0x6e: { 4: "smallmoney", 8: "money" },
  0x6f: { 4: "smalldatetime", 8: "datetime" },
};

/** A type read from the wire, and whether its values carry no length. */
export interface WireType {
  readonly type: SqlType;
  readonly fixed: boolean;
  /** Bytes of text in UTF-8, as the client's collation says. */
  readonly plp: boolean;
}

/** Reads the type of a parameter or bulk column. */
export function readTypeInfo(r: ByteReader): WireType {
  const byte = r.u8();
  const fixed = BY_BYTE.get(byte);
  if (fixed) return { type: typeOf(fixed), fixed: true, plp: false };
  const widths = BY_WIDTH[byte];
  if (widths) return { type: typeOf(widths[r.u8()] ?? "int"), fixed: false, plp: false };
  for (const [name, code] of Object.entries(SCALED)) {
    if (code === byte) return { type: typeOf(name as TypeName, 0, 0, r.u8()), fixed: false, plp: false };
  }
  for (const [name, code] of Object.entries(SIZED)) {
    if (code === byte && name !== "timestamp") return readSized(r, name as TypeName);
  }
  return readOther(r, byte);
}

function readSized(r: ByteReader, name: TypeName): WireType {
  const size = r.u16();
  const wide = name === "nvarchar" || name === "nchar";
  const plp = size === 0xffff;
  const type = typeOf(name, plp ? MAX : wide ? size / 2 : size);
  if (name === "binary" || name === "varbinary") return { type, fixed: false, plp };
  const collation = r.bytes(5);
  // Bit 26 of the flags says that the client writes UTF-8.
  const utf8 = !wide && ((collation[3] ?? 0) & 0x04) !== 0;
  return { type: utf8 ? { ...type, collation: "Latin1_General_100_CI_AS_SC_UTF8" } : type, fixed: false, plp };
}

function readOther(r: ByteReader, byte: number): WireType {
  switch (byte) {
    case 0x1f:
      return { type: typeOf("nvarchar", 1), fixed: true, plp: false };
    case 0x28:
      return { type: T.date, fixed: false, plp: false };
    case 0x24:
      r.skip(1);
      return { type: T.uniqueidentifier, fixed: false, plp: false };
    case 0x6a:
    case 0x6c: {
      r.skip(1);
      const [precision, scale] = [r.u8(), r.u8()];
      return { type: typeOf(byte === 0x6a ? "decimal" : "numeric", 0, precision, scale), fixed: false, plp: false };
    }
    case TYPE.variant:
      r.skip(4);
      return { type: T.variant, fixed: false, plp: false };
    case TYPE.image:
      r.skip(4);
      return { type: typeOf("image"), fixed: false, plp: false };
    case TYPE.text:
    case TYPE.ntext:
      r.skip(9);
      return { type: typeOf(byte === TYPE.text ? "text" : "ntext"), fixed: false, plp: false };
    case TYPE.xml:
      if (r.u8() === 1) throw unsupported("XML schema collections");
      return { type: typeOf("xml", MAX), fixed: false, plp: true };
    case 0xf3:
      throw unsupported("table-valued parameters");
    default:
      throw unsupported(`parameters of TDS type 0x${byte.toString(16)}`);
  }
}
