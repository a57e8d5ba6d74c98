import type { RawColumn } from "../../../databases/sqlserver/rows/result-column";
import { codecFor, encodedAs } from "../../encode/codec-for";
import { codecWriter, plainWriter, type ByteWriter } from "./byte-writer";
import * as moments from "./moments";
import * as numbers from "./numbers";
import * as texts from "./texts";

/** Fraction digits that PostgreSQL keeps where the type doesn't say. */
const MICROSECOND_DIGITS = 6;
const NO_LIMIT = Number.POSITIVE_INFINITY;

/** A type of the sink, as a writer has to know it. */
interface Target {
  readonly name: string;
  readonly first: number | undefined;
  readonly second: number | undefined;
  /** Most characters of a type that takes any text; undefined: it takes no text. */
  readonly characters: number | undefined;
}

/** A wire type's values. */
interface Source {
  /** Writes the value's exact text, which needs no escapes. */
  readonly plain: ByteWriter;
  /** Characters of the longest such text. */
  readonly longest: number;
  /** Whether every value of the type is, in its exact text, what the codec of the target makes of it. */
  readonly fits: (target: Target) => boolean;
  /** Another spelling for some target. */
  readonly special?: (target: Target) => ByteWriter | undefined;
}

/**
 * The writer for values of a column in a column of the sink: its bytes are those of the codec for the value's exact text.
 * Pairs that have no writer of their own go by text and codec.
 */
export function byteWriterFor(column: RawColumn, type: string): ByteWriter {
  const target = targetOf(type);
  const byCodec = codecWriter(column.read, codecFor(type));
  if (target.characters !== undefined) {
    const text = textWriter(column, target.characters, byCodec);
    if (text !== undefined) return text;
  }
  const source = SOURCES[column.type]?.(column);
  if (source === undefined) return byCodec;
  const special = source.special?.(target);
  if (special !== undefined) return special;
  const isText = target.characters !== undefined && source.longest <= target.characters;
  return isText || source.fits(target) ? source.plain : byCodec;
}

/** Writes a value's exact text, where that needs no escapes in any format; undefined for texts and rare types. */
export function exactWriterFor(column: RawColumn): ByteWriter | undefined {
  return SOURCES[column.type]?.(column)?.plain;
}

function targetOf(type: string): Target {
  const { name, first, second } = encodedAs(type);
  return { name, first, second, characters: charactersOf(name, first) };
}

function charactersOf(name: string, length: number | undefined): number | undefined {
  if (name === "char") return length ?? 1;
  if (name === "varchar") return length ?? NO_LIMIT;
  return name === "text" ? NO_LIMIT : undefined;
}

function textWriter(column: RawColumn, characters: number, byCodec: ByteWriter): ByteWriter | undefined {
  switch (column.type) {
    case "NVarChar":
    case "NChar":
    case "NText":
      return texts.utf16Writer(characters);
    case "Xml":
      return texts.utf16Writer(characters, true);
    case "VarChar":
    case "Char":
    case "Text":
      return texts.isSingleByte(column.codePage)
        ? texts.singleByteWriter(column.read, characters)
        : texts.asciiWriter(characters, byCodec);
    default:
      return undefined;
  }
}

type SourceOf = (column: RawColumn) => Source | undefined;

const SOURCES: Readonly<Record<string, SourceOf | undefined>> = {
  Bit: () => BIT,
  BitN: () => BIT,
  TinyInt: () => integer(numbers.writeTinyInt, 3),
  SmallInt: () => integer(numbers.writeSmallInt, 5),
  Int: () => integer(numbers.writeInt, 10),
  BigInt: () => integer(numbers.writeBigInt, 19),
  IntN: ({ bytes }) => SOURCES[["", "TinyInt", "SmallInt", "", "Int", "", "", "", "BigInt"][bytes] ?? ""]?.(NO_COLUMN),
  DecimalN: decimal,
  NumericN: decimal,
  Money: () => MONEY,
  SmallMoney: () => SMALL_MONEY,
  MoneyN: ({ bytes }) => (bytes === 8 ? MONEY : SMALL_MONEY),
  Float: () => FLOAT,
  FloatN: (column) => (column.bytes === 8 ? FLOAT : real(column)),
  Real: real,
  Date: () => ({ plain: moments.writeDate, longest: 10, fits: ({ name }) => name === "date" || name === "timestamp" }),
  Time: ({ scale }) => ({
    plain: moments.timeWriter(scale, scale),
    longest: 16,
    fits: () => false,
    special: cutTo("time", (kept) => moments.timeWriter(scale, kept)),
  }),
  DateTime2: ({ scale }) => ({
    plain: moments.datetime2Writer(scale, scale),
    longest: 27,
    fits: () => false,
    special: cutTo("timestamp", (kept) => moments.datetime2Writer(scale, kept)),
  }),
  DateTimeOffset: ({ scale }) => ({
    plain: moments.datetimeoffsetWriter(scale, scale, true),
    longest: 34,
    fits: () => false,
    special: cutTo("timestamptz", (kept) => moments.datetimeoffsetWriter(scale, kept, false)),
  }),
  DateTime: () => DATETIME,
  SmallDateTime: () => SMALL_DATETIME,
  DateTimeN: ({ bytes }) => (bytes === 8 ? DATETIME : SMALL_DATETIME),
  UniqueIdentifier: () => ({ plain: texts.writeGuid, longest: 36, fits: ({ name }) => name === "uuid" }),
  VarBinary: binary,
  Binary: binary,
  Image: binary,
  UDT: binary,
};

const NO_COLUMN = { name: "", type: "", precision: 0, scale: 0, bytes: 0, codePage: undefined, read: () => "" };

const BIT: Source = {
  ...integer(numbers.writeBit, 1),
  special: ({ name }) => (name === "boolean" ? numbers.writeBoolean : undefined),
};
const MONEY: Source = { plain: numbers.writeMoney, longest: 21, fits: (target) => fitsNumeric(target, 15, 4) };
const SMALL_MONEY: Source = {
  plain: numbers.writeSmallMoney,
  longest: 12,
  fits: (target) => fitsNumeric(target, 6, 4),
};
const FLOAT: Source = {
  plain: numbers.writeFloat,
  longest: 24,
  fits: ({ name }) => name === "double precision",
};
const DATETIME: Source = {
  plain: moments.datetimeWriter(3),
  longest: 23,
  fits: () => false,
  special: cutTo("timestamp", moments.datetimeWriter),
};
const SMALL_DATETIME: Source = {
  plain: moments.writeSmallDateTime,
  longest: 19,
  fits: ({ name }) => name === "timestamp",
};

/** Digits of any value of these types. */
const INTEGER_DIGITS: Readonly<Record<string, number>> = { smallint: 4, integer: 9, bigint: 18 };

function integer(plain: ByteWriter, digits: number): Source {
  const own: Readonly<Record<number, string>> = { 5: "smallint", 10: "integer", 19: "bigint" };
  return {
    plain,
    longest: digits + 1,
    fits: (target) =>
      target.name === own[digits] || digits <= (INTEGER_DIGITS[target.name] ?? 0) || fitsNumeric(target, digits, 0),
  };
}

function decimal({ precision, scale }: RawColumn): Source {
  return {
    plain: numbers.decimalWriter(precision, scale),
    longest: Math.max(precision, scale + 1) + 2,
    fits: (target) =>
      fitsNumeric(target, precision - scale, scale) || (scale === 0 && precision <= (INTEGER_DIGITS[target.name] ?? 0)),
  };
}

// PostgreSQL rounds digits that it doesn't keep, which may make one more before the point.
function fitsNumeric({ name, first, second = 0 }: Target, whole: number, scale: number): boolean {
  if (name === "double precision") return true;
  if (name !== "numeric") return false;
  if (first === undefined || second < 0 || second > first) return true;
  return scale <= second ? whole <= first - second : whole < first - second;
}

function real({ read }: RawColumn): Source {
  return { plain: plainWriter(read), longest: 24, fits: ({ name }) => name === "real" || name === "double precision" };
}

function binary(): Source {
  return {
    plain: texts.writeHexText,
    longest: NO_LIMIT,
    fits: () => false,
    special: ({ name }) => (name === "bytea" ? texts.writeBytea : undefined),
  };
}

function cutTo(name: string, make: (kept: number) => ByteWriter): (target: Target) => ByteWriter | undefined {
  return (target) => (target.name === name ? make(target.first ?? MICROSECOND_DIGITS) : undefined);
}
