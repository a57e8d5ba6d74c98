import { sqlError, unsupported } from "../errors";
import { decodeText, toCodePage } from "./code-page";
import { fromDatetime, DAY_1900, splitTicks, TICKS_PER_SECOND, type DayTime } from "./calendar";
import { decimalText, floatText, rescale } from "./decimal-text";
import { momentText } from "./moment-text";
import { familyOf, isUnicode, MAX, scaleOf, type SqlType } from "./sql-type";
import { as, plainText, type Value } from "./value";

type Convert = (value: Value) => Value;

/** Conversions to the character types: cut to the length, padded where it is fixed. */
export function toText(from: SqlType, to: SqlType, style: number): Convert {
  const fit = fitterOf(from, to);
  const write = writerOf(from, to, style);
  return (value) => fit(write(value));
}

function writerOf(from: SqlType, to: SqlType, style: number): (value: Value) => string {
  switch (familyOf(from)) {
    case "integer":
      return plainText;
    case "decimal":
      return from.name === "money" || from.name === "smallmoney"
        ? (value) => moneyText(as.bigint(value), style)
        : (value) => decimalText(as.bigint(value), from.scale);
    case "float":
      return (value) => floatOf(as.number(value), from, style);
    case "text":
    case "guid":
      return (value) => as.text(value);
    case "binary":
      return (value) => bytesText(as.bytes(value), to, style);
    case "time":
      return (value) => momentOf(value, from, style);
    case "variant":
    case "spatial":
      throw unsupported(`converting ${from.name} to ${to.name}`);
  }
}

/** Money: two digits; with thousands in style 1; four digits in style 2. */
function moneyText(value: bigint, style: number): string {
  if (style === 2 || style === 126) return decimalText(value, 4);
  const text = decimalText(rescale(value, 4, 2), 2);
  return style === 1 ? text.replace(/\B(?=(\d{3})+(?=\.))/g, ",") : text;
}

function floatOf(value: number, from: SqlType, style: number): string {
  if (style === 0) return floatText(value, 6, false);
  if (style === 1) return floatText(value, 8, true);
  if (style === 2) return floatText(value, 16, true);
  if (style === 3) return floatText(value, from.name === "real" ? 9 : 17, true);
  throw unsupported(`style ${style} of CONVERT for ${from.name}`);
}

function bytesText(bytes: Buffer, to: SqlType, style: number): string {
  if (style === 1) return `0x${bytes.toString("hex").toUpperCase()}`;
  if (style === 2) return bytes.toString("hex").toUpperCase();
  if (!isUnicode(to)) return decodeText(bytes, to.collation);
  const even = bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]);
  return even.toString("utf16le");
}

/** A stored moment as text; style 0 is the type's own default. */
export function momentOf(value: Value, from: SqlType, style: number): string {
  const old = from.name === "datetime" || from.name === "smalldatetime";
  const shown = style === 0 && !old ? 121 : style;
  const shape = { hasDate: from.name !== "time", hasTime: from.name !== "date", scale: fractionOf(from) };
  if (from.name !== "datetimeoffset") return momentText(dayTimeOf(value, from), shape, shown);
  const { ticks, offset } = as.moment(value);
  if (shown === 127) return `${momentText(splitTicks(ticks), shape, 126)}Z`;
  const local = splitTicks(ticks + BigInt(offset) * 60n * BigInt(TICKS_PER_SECOND));
  return momentText(local, { ...shape, offset }, shown);
}

function fractionOf(type: SqlType): number {
  if (type.name === "datetime") return 3;
  return type.name === "smalldatetime" || type.name === "date" ? 0 : type.scale;
}

/** Day and time of a stored moment; a time alone has the day 1900-01-01. */
export function dayTimeOf(value: Value, type: SqlType): DayTime {
  switch (type.name) {
    case "date":
      return { days: as.number(value), ticks: 0 };
    case "time":
      return { days: DAY_1900, ticks: as.number(value) };
    case "datetime":
      return fromDatetime(as.number(value));
    case "smalldatetime": {
      const minutes = as.number(value);
      const days = Math.floor(minutes / 1440);
      return { days: days + DAY_1900, ticks: (minutes - days * 1440) * 60 * TICKS_PER_SECOND };
    }
    case "datetimeoffset":
      return splitTicks(as.moment(value).ticks);
    default:
      return splitTicks(as.bigint(value));
  }
}

/** Cuts and pads to the declared length. A number that doesn't fit is an error, or `*` for integers. */
function fitterOf(from: SqlType, to: SqlType): (text: string) => string {
  const store = isUnicode(to) ? (text: string) => text : (text: string) => toCodePage(text, to.collation);
  if (to.length === MAX || to.name === "text" || to.name === "ntext" || to.name === "xml") return store;
  const family = familyOf(from);
  return (text) => {
    if (text.length > to.length) {
      if (family === "integer" && !isUnicode(to)) return "*".padEnd(to.name === "char" ? to.length : 1, " ");
      if (family === "integer" || family === "decimal" || family === "float") {
        throw sqlError(8115, family === "decimal" && scaleOf(from) >= 0 ? from.name : "expression", to.name);
      }
      if (family === "guid") throw sqlError(8170);
    }
    const cut = store(text.slice(0, to.length));
    return to.name === "char" || to.name === "nchar" ? cut.padEnd(to.length, " ") : cut;
  };
}
