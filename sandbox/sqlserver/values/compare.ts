import { collationOf, compareStrings } from "./collation";
import { familyOf, precedenceOf, type SqlType } from "./sql-type";
import { as, type Value } from "./value";

/** Order of two values of one type, neither NULL. */
export type Comparer = (a: Value, b: Value) => number;

/** How values of a type compare. */
export function comparerOf(type: SqlType): Comparer {
  switch (familyOf(type)) {
    case "text": {
      const collation = collationOf(type.collation);
      return (a, b) => collation.compare(as.text(a), as.text(b));
    }
    case "binary":
    case "spatial":
      return compareBytes;
    case "guid":
      return (a, b) => compareGuids(as.text(a), as.text(b));
    case "variant":
      return compareVariants;
    case "time":
      return type.name === "datetimeoffset" ? (a, b) => order(as.moment(a).ticks, as.moment(b).ticks) : comparePlain;
    default:
      return comparePlain;
  }
}

/** As {@link comparerOf}, with NULL before everything else: the order of indexes and of ORDER BY. */
export function sortComparerOf(type: SqlType): Comparer {
  const compare = comparerOf(type);
  return (a, b) => {
    if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
    return compare(a, b);
  };
}

/** A text that is equal for equal values of the type: for hashing groups and joins. */
export function hashOf(type: SqlType): (value: Value) => string {
  const family = familyOf(type);
  if (family === "text") {
    const collation = collationOf(type.collation);
    return (value) => (value === null ? "n" : `t${collation.fold(as.text(value))}`);
  }
  return (value) => {
    if (value === null) return "n";
    if (Buffer.isBuffer(value)) return `b${trimZeros(value).toString("latin1")}`;
    if (typeof value !== "object") return `v${String(value)}`;
    if ("ticks" in value) return `m${String(value.ticks)}`;
    return `${familyOf(value.base)}${hashOf(value.base)(value.value)}`;
  };
}

function order(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function comparePlain(a: Value, b: Value): number {
  const [x, y] = [a as number, b as number];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** A shorter binary is padded with zeros. */
function compareBytes(a: Value, b: Value): number {
  return Buffer.compare(trimZeros(as.bytes(a)), trimZeros(as.bytes(b)));
}

function trimZeros(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end === bytes.length ? bytes : bytes.subarray(0, end);
}

/** SQL Server compares the last group of a GUID first. */
function compareGuids(a: string, b: string): number {
  const key = (text: string) => {
    const [d1 = "", d2 = "", d3 = "", d4 = "", d5 = ""] = text.split("-");
    const swap = (hex: string) => (hex.match(/../g) ?? []).reverse().join("");
    return d5 + d4 + swap(d3) + swap(d2) + swap(d1);
  };
  return compareStrings(key(a), key(b));
}

/** Of one family: as that family compares; else by the rank of the family. */
function compareVariants(a: Value, b: Value): number {
  const [x, y] = [as.variant(a), as.variant(b)];
  if (familyOf(x.base) !== familyOf(y.base)) return precedenceOf(x.base.name) - precedenceOf(y.base.name);
  return comparerOf(x.base)(x.value, y.value);
}
