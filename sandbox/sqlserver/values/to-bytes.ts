import { sqlError } from "../errors";
import { encodeText } from "./code-page";
import { guidBytes } from "./to-number";
import { familyOf, isUnicode, MAX, type SqlType } from "./sql-type";
import { as, type Value } from "./value";

type Convert = (value: Value) => Value;

/** Conversions to the binary types. */
export function toBytes(from: SqlType, to: SqlType, style: number): Convert {
  const write = writerOf(from, to, style);
  const fit = fitterOf(from, to);
  return (value) => fit(write(value));
}

function writerOf(from: SqlType, to: SqlType, style: number): (value: Value) => Buffer {
  switch (familyOf(from)) {
    case "binary":
    case "spatial":
      return as.bytes;
    case "guid":
      return (value) => guidBytes(as.text(value));
    case "integer":
      return (value) => integerBytes(BigInt(value as number | bigint), from);
    case "decimal":
      if (from.name === "money" || from.name === "smallmoney") {
        return (value) => integerBytes(as.bigint(value), from);
      }
      throw sqlError(529, from.name, to.name);
    case "text":
      return (value) => textBytes(as.text(value), from, to, style);
    default:
      throw sqlError(529, from.name, to.name);
  }
}

const WIDTHS: Readonly<Record<string, number>> = {
  bit: 1,
  tinyint: 1,
  smallint: 2,
  int: 4,
  bigint: 8,
  money: 8,
  smallmoney: 4,
};

function integerBytes(value: bigint, from: SqlType): Buffer {
  const width = WIDTHS[from.name] ?? 4;
  const hex = BigInt.asUintN(width * 8, value).toString(16);
  return Buffer.from(hex.padStart(width * 2, "0"), "hex");
}

/** Style 1 reads hexadecimal digits after `0x`, style 2 without it; style 0 takes the stored bytes. */
function textBytes(text: string, from: SqlType, to: SqlType, style: number): Buffer {
  if (style === 0) return isUnicode(from) ? Buffer.from(text, "utf16le") : encodeText(text, from.collation);
  const digits = style === 1 ? (/^0x([0-9a-f]*)$/i.exec(text)?.[1] ?? "-") : text;
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw sqlError(8114, from.name, to.name);
  return Buffer.from(digits, "hex");
}

/** Cut and, for binary(n), padded: on the right, but numbers keep their low bytes and are padded on the left. */
function fitterOf(from: SqlType, to: SqlType): (bytes: Buffer) => Buffer {
  if (to.length === MAX || to.name === "image") return (bytes) => bytes;
  const length = to.name === "timestamp" ? 8 : to.length;
  const fixed = to.name !== "varbinary";
  const isNumber = familyOf(from) === "integer" || familyOf(from) === "decimal";
  return (bytes) => {
    if (bytes.length > length) return isNumber ? bytes.subarray(bytes.length - length) : bytes.subarray(0, length);
    if (!fixed || bytes.length === length) return bytes;
    const padded = Buffer.alloc(length);
    bytes.copy(padded, isNumber ? length - bytes.length : 0);
    return padded;
  };
}
