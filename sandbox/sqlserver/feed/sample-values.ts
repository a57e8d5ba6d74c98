import { unsupported } from "../errors";
import type { Column } from "../storage/column";
import { converterOf } from "../values/convert";
import { decimalShape, familyOf, MAX, nvarchar, type SqlType } from "../values/sql-type";
import type { Value } from "../values/value";
import type { Dice } from "./dice";

const ASCII = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789-.,'";
const OTHERS = "åäöéß";

/** Longest text that is made up, whatever the column could hold. */
const LONGEST = 400;

/** One column in so many rows is NULL where it may be. */
const NULL_ONE_IN = 12;

/** A value that a column can hold, made up. Throws 40510 for types that have no such values. */
export function sampleValue(column: Column, dice: Dice): Value {
  if (column.nullable && dice.below(NULL_ONE_IN) === 0) return null;
  const { type } = column;
  const text = nvarchar(4000);
  switch (familyOf(type)) {
    case "time":
      return converterOf(text, type)(momentText(type, dice));
    case "guid":
      return converterOf(text, type)(guidText(dice));
    case "text":
      return converterOf(text, type)(type.name === "xml" ? `<a b="${dice.below(1e6)}"/>` : letters(type, dice));
    case "binary":
      return converterOf({ ...type, name: "varbinary" }, type)(bytes(type, dice));
    case "variant":
    case "spatial":
      if (column.nullable) return null;
      throw unsupported(`made-up values of type ${type.name}`);
    default:
      return converterOf(text, type)(numberText(type, dice));
  }
}

function numberText(type: SqlType, dice: Dice): string {
  const limits: Partial<Record<SqlType["name"], number>> = { bit: 2, tinyint: 256, smallint: 32_768, int: 2 ** 31 };
  const limit = limits[type.name];
  if (limit !== undefined) return String(dice.below(limit));
  if (type.name === "bigint") return `${dice.below(2 ** 30)}${String(dice.below(1e9)).padStart(9, "0")}`.slice(0, 18);
  if (familyOf(type) === "float") return String(dice.below(2 ** 31) / 1024);
  const { precision, scale } = decimalShape(type);
  const whole = Math.min(8, precision - scale);
  const digits = Math.min(scale, 9);
  const front = whole > 0 ? dice.below(10 ** whole) : 0;
  return digits === 0 ? String(front) : `${front}.${String(dice.below(10 ** digits)).padStart(digits, "0")}`;
}

function momentText(type: SqlType, dice: Dice): string {
  const two = (limit: number, from = 0) => String(from + dice.below(limit)).padStart(2, "0");
  const day = `${2000 + dice.below(50)}-${two(12, 1)}-${two(28, 1)}`;
  const time = `${two(24)}:${two(60)}:${two(60)}`;
  const fraction = type.scale > 0 ? `.${String(dice.below(10 ** type.scale)).padStart(type.scale, "0")}` : "";
  switch (type.name) {
    case "date":
      return day;
    case "time":
      return time + fraction;
    case "datetime":
      return `${day} ${time}.${String(dice.below(1000)).padStart(3, "0")}`;
    case "datetimeoffset":
      return `${day} ${time}${fraction} +0${dice.below(10)}:30`;
    default:
      return `${day} ${time}${fraction}`;
  }
}

function guidText(dice: Dice): string {
  const hex = Array.from({ length: 4 }, () =>
    dice
      .below(2 ** 32)
      .toString(16)
      .padStart(8, "0"),
  ).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function letters(type: SqlType, dice: Dice): string {
  const most = type.length === MAX || type.length === 0 ? LONGEST : Math.min(type.length, LONGEST);
  const length = Math.ceil(most / 2) + dice.below(Math.floor(most / 2) + 1);
  // In UTF-8 the others take more bytes than the column may have.
  const choice = type.collation?.toUpperCase().includes("UTF8") ? ASCII.length : ASCII.length + OTHERS.length;
  return Array.from({ length }, () => (ASCII + OTHERS).charAt(dice.below(choice))).join("");
}

function bytes(type: SqlType, dice: Dice): Buffer {
  const most = type.length > 0 ? Math.min(type.length, LONGEST) : type.name === "timestamp" ? 8 : 64;
  const made = Buffer.alloc(type.name === "varbinary" ? 1 + dice.below(most) : most);
  for (let i = 0; i < made.length; i++) made[i] = dice.below(256);
  return made;
}
