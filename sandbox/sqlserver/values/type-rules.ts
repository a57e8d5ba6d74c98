import { sqlError } from "../errors";
import {
  decimalShape,
  familyOf,
  isUnicode,
  MAX,
  precedenceOf,
  typeOf,
  type Family,
  type SqlType,
  type TypeName,
} from "./sql-type";

/** True when values of both types have one form and one range. */
export function sameShape(a: SqlType, b: SqlType): boolean {
  return (
    a.name === b.name &&
    a.length === b.length &&
    a.precision === b.precision &&
    a.scale === b.scale &&
    a.collation === b.collation
  );
}

/** The type that both sides of an operation, or all branches of CASE and UNION, are converted to. */
export function commonType(a: SqlType, b: SqlType): SqlType {
  if (sameShape(a, b)) return a;
  const [low, high] = precedenceOf(a.name) <= precedenceOf(b.name) ? [a, b] : [b, a];
  if (familyOf(high) === "decimal" && familyOf(low) === "decimal") return widerDecimal(low, high);
  if (familyOf(high) === "decimal" && familyOf(low) === "integer") return widerDecimal(low, high);
  if (familyOf(high) === "text" && (familyOf(low) === "text" || familyOf(low) === "binary"))
    return widerText(low, high);
  if (familyOf(high) === "binary" && familyOf(low) === "binary") return widerText(low, high);
  if (high.name === low.name) return { ...high, scale: Math.max(high.scale, low.scale) };
  return high;
}

function widerDecimal(low: SqlType, high: SqlType): SqlType {
  if (high.name === "money" || high.name === "smallmoney") return high;
  const [x, y] = [decimalShape(low), decimalShape(high)];
  const scale = Math.max(x.scale, y.scale);
  const whole = Math.max(x.precision - x.scale, y.precision - y.scale);
  const precision = Math.min(38, whole + scale);
  return typeOf(high.name, 0, precision, Math.min(scale, Math.max(precision - whole, 0)));
}

function widerText(low: SqlType, high: SqlType): SqlType {
  const cap = isUnicode(high) ? 4000 : 8000;
  const length = low.length === MAX || high.length === MAX ? MAX : Math.min(cap, Math.max(low.length, high.length));
  const name = high.name === "char" && low.name !== "char" && length !== MAX ? "varchar" : high.name;
  const collation = high.collation ?? low.collation;
  const type = typeOf(name, length);
  return collation === undefined ? type : { ...type, collation };
}

const NUMERIC: readonly Family[] = ["integer", "decimal", "float"];

/** Throws 257 or 206 when a value of the one type isn't taken for the other without CAST. */
export function requireImplicit(from: SqlType, to: SqlType): void {
  if (from.name === to.name || to.name === "sql_variant") return;
  if (from.name === "sql_variant") throw sqlError(257, "sql_variant", to.name);
  const [f, t] = [familyOf(from), familyOf(to)];
  if (needsCast(from, to, f, t)) throw sqlError(257, from.name, to.name);
  if (clash(from.name, to.name, f, t)) throw sqlError(206, from.name, to.name);
}

function needsCast(from: SqlType, to: SqlType, f: Family, t: Family): boolean {
  if (f === "text" && t === "binary") return true;
  if (f === "time" && NUMERIC.includes(t)) return from.name === "datetime" || from.name === "smalldatetime";
  if (f === "binary" && to.name !== "timestamp" && t === "float") return true;
  return from.name === "xml" && t === "text";
}

const OLD_MOMENTS: readonly TypeName[] = ["datetime", "smalldatetime"];

function clash(from: TypeName, to: TypeName, f: Family, t: Family): boolean {
  if (NUMERIC.includes(f) && t === "time") return !OLD_MOMENTS.includes(to);
  if (f === "time" && NUMERIC.includes(t)) return true;
  if (f === "time" && t === "time") return (from === "date" && to === "time") || (from === "time" && to === "date");
  if (f === "guid" || t === "guid") return ![f, t].every((family) => ["guid", "text", "binary"].includes(family));
  if (f === "spatial" || t === "spatial") return ![f, t].includes("binary") && ![f, t].includes("text");
  return false;
}
