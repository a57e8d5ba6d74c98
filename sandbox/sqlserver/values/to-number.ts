import { sqlError } from "../errors";
import { DATETIME_PER_DAY } from "./calendar";
import { decimalOfFloat, decimalText, digitCount, parseDecimal, rescale, truncateScale } from "./decimal-text";
import { decimalShape, describeType, familyOf, scaleOf, type SqlType, type TypeName } from "./sql-type";
import { as, type Value } from "./value";

type Convert = (value: Value) => Value;

const RANGES: Partial<Record<TypeName, readonly [bigint, bigint]>> = {
  tinyint: [0n, 255n],
  smallint: [-32_768n, 32_767n],
  int: [-2_147_483_648n, 2_147_483_647n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n],
  money: [-(2n ** 63n), 2n ** 63n - 1n],
  smallmoney: [-2_147_483_648n, 2_147_483_647n],
};

/** Conversions to the numeric types. */
export function toNumber(from: SqlType, to: SqlType): Convert {
  switch (familyOf(from)) {
    case "integer":
    case "decimal":
      return fromExact(from, to);
    case "float":
      return (value) => fromFloat(as.number(value), from, to);
    case "text":
      return (value) => fromText(as.text(value), from, to);
    case "binary":
      return (value) => fromBytes(as.bytes(value), from, to);
    case "time":
      if (from.name === "datetime") return (value) => fromFloat(as.number(value) / DATETIME_PER_DAY, from, to);
      if (from.name === "smalldatetime") return (value) => fromFloat(as.number(value) / 1440, from, to);
      throw sqlError(529, from.name, to.name);
    default:
      throw sqlError(529, from.name, to.name);
  }
}

function fromExact(from: SqlType, to: SqlType): Convert {
  const scale = scaleOf(from);
  if (to.name === "bit") return (value) => (BigInt(value as number | bigint) === 0n ? 0 : 1);
  if (familyOf(to) === "float") return (value) => toFloat(Number(decimalText(BigInt(value as number), scale)), to);
  if (familyOf(to) === "integer") {
    return (value) => fitInteger(truncateScale(BigInt(value as number | bigint), scale, 0), from, to);
  }
  const target = decimalShape(to);
  return (value) => fitDecimal(rescale(BigInt(value as number | bigint), scale, target.scale), from, to);
}

function fromFloat(value: number, from: SqlType, to: SqlType): Value {
  if (to.name === "bit") return value === 0 ? 0 : 1;
  if (familyOf(to) === "float") return toFloat(value, to);
  if (familyOf(to) === "integer") return fitInteger(BigInt(Math.trunc(value)), from, to);
  return fitDecimal(decimalOfFloat(value, scaleOf(to)), from, to);
}

function toFloat(value: number, to: SqlType): number {
  const fitted = to.name === "real" ? Math.fround(value) : value;
  if (!Number.isFinite(fitted)) throw sqlError(232, to.name, String(value));
  return fitted;
}

function fromText(text: string, from: SqlType, to: SqlType): Value {
  if (to.name === "bit" && /^\s*(true|false)\s*$/i.test(text)) return /true/i.test(text) ? 1 : 0;
  if (familyOf(to) === "integer") return integerOfText(text, from, to);
  if (familyOf(to) === "float") {
    const parsed =
      text.trim() === "" ? 0 : /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(text) ? Number(text) : NaN;
    if (Number.isNaN(parsed)) throw sqlError(8114, from.name, to.name);
    return toFloat(parsed, to);
  }
  return decimalOfText(text, from, to);
}

function integerOfText(text: string, from: SqlType, to: SqlType): Value {
  if (!/^\s*[+-]?\d*\s*$/.test(text) || /^\s*[+-]\s*$/.test(text)) throw notANumber(text, from, to);
  const value = BigInt(text.trim().replace(/^\+/, "") || "0");
  if (to.name === "bit") return value === 0n ? 0 : 1;
  const [low, high] = RANGES[to.name] ?? [0n, 0n];
  if (value >= low && value <= high) return to.name === "bigint" ? value : Number(value);
  throw to.name === "int" ? sqlError(248, from.name, text.trim()) : sqlError(8115, "expression", to.name);
}

function notANumber(text: string, from: SqlType, to: SqlType) {
  return to.name === "bigint" ? sqlError(8114, from.name, to.name) : sqlError(245, from.name, text, to.name);
}

function decimalOfText(text: string, from: SqlType, to: SqlType): Value {
  const isMoney = to.name === "money" || to.name === "smallmoney";
  const parsed = isMoney ? parseDecimal(text.replace(/[$,]/g, "") || "0") : parseDecimal(text);
  if (!parsed || (!isMoney && /e/i.test(text))) throw isMoney ? sqlError(235) : sqlError(8114, from.name, to.name);
  return fitDecimal(rescale(parsed.unscaled, parsed.scale, scaleOf(to)), from, to);
}

function fromBytes(bytes: Buffer, from: SqlType, to: SqlType): Value {
  if (familyOf(to) === "float") throw sqlError(529, from.name, to.name);
  const width = { tinyint: 1, smallint: 2, int: 4, bigint: 8, money: 8, smallmoney: 4, bit: 1 }[to.name as "int"];
  if ((width as number | undefined) === undefined) throw sqlError(529, from.name, to.name);
  const tail = bytes.subarray(Math.max(0, bytes.length - width));
  const raw = tail.length === 0 ? 0n : BigInt(`0x${tail.toString("hex")}`);
  if (to.name === "bit") return bytes.some((byte) => byte !== 0) ? 1 : 0;
  const value = to.name === "tinyint" ? raw : BigInt.asIntN(width * 8, raw);
  return to.name === "bigint" || familyOf(to) === "decimal" ? value : Number(value);
}

/** The integer in the form of its type. Throws 220 or 8115 when it doesn't fit. */
export function fitInteger(value: bigint, from: SqlType, to: SqlType): Value {
  const [low, high] = RANGES[to.name] ?? [0n, 0n];
  if (value >= low && value <= high) return to.name === "bigint" ? value : Number(value);
  if ((to.name === "tinyint" || to.name === "smallint") && familyOf(from) === "integer") {
    throw sqlError(220, to.name, value.toString());
  }
  throw sqlError(8115, from.name === "int" || from.name === "bigint" ? "expression" : from.name, to.name);
}

/** The decimal, checked. Throws 8115 when it has too many digits. */
export function fitDecimal(unscaled: bigint, from: SqlType, to: SqlType): bigint {
  const range = RANGES[to.name];
  const fits = range ? unscaled >= range[0] && unscaled <= range[1] : digitCount(unscaled) <= to.precision;
  if (!fits) throw sqlError(8115, from.name, range ? to.name : "numeric");
  return unscaled;
}

/** Conversions to uniqueidentifier. */
export function toGuid(from: SqlType, to: SqlType): Convert {
  switch (familyOf(from)) {
    case "guid":
      return (value) => value;
    case "text":
      return (value) => guidOfText(as.text(value));
    case "binary":
      return (value) => guidOfBytes(as.bytes(value));
    default:
      throw sqlError(529, from.name, describeType(to));
  }
}

function guidOfText(text: string): string {
  const match = /^\s*\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/i.exec(text);
  if (!match?.[1]) throw sqlError(8169);
  return match[1].toUpperCase();
}

/** The text of 16 stored bytes; the first three groups are little-endian. */
export function guidOfBytes(bytes: Buffer): string {
  const full = Buffer.alloc(16);
  bytes.copy(full);
  const part = (indexes: readonly number[]) => indexes.map((i) => full.toString("hex", i, i + 1)).join("");
  const groups = [
    [3, 2, 1, 0],
    [5, 4],
    [7, 6],
    [8, 9],
    [10, 11, 12, 13, 14, 15],
  ];
  return groups.map(part).join("-").toUpperCase();
}

/** The 16 stored bytes of a GUID's text. */
export function guidBytes(text: string): Buffer {
  const hex = Buffer.from(text.replace(/-/g, ""), "hex");
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  return Buffer.from(order.map((i) => hex[i] ?? 0));
}
