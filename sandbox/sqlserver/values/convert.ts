import { sqlError, unsupported } from "../errors";
import { sameShape } from "./type-rules";
import { toBytes } from "./to-bytes";
import { toMoment } from "./to-moment";
import { toGuid, toNumber } from "./to-number";
import { toText } from "./to-text";
import { familyOf, type SqlType } from "./sql-type";
import { as, type PlainValue, type Value } from "./value";

/** Turns a value of one type into one of another; never called with NULL. */
export type Convert = (value: Value) => Value;

const same: Convert = (value) => value;

/**
 * The conversion that CAST and CONVERT do, and assignments where they are implicit.
 * Throws 529 when there is none; the conversion itself throws what SQL Server does for a value that doesn't fit.
 */
export function converterOf(from: SqlType, to: SqlType, style = 0): Convert {
  if (sameShape(from, to) && style === 0) return same;
  const convert = between(from, to, style);
  return (value) => (value === null ? null : convert(value));
}

function between(from: SqlType, to: SqlType, style: number): Convert {
  if (from.name === "sql_variant") return fromVariant(to, style);
  switch (familyOf(to)) {
    case "integer":
    case "decimal":
    case "float":
      return toNumber(from, to);
    case "text":
      return toText(from, to, style);
    case "binary":
      return toBytes(from, to, style);
    case "time":
      return toMoment(from, to, style);
    case "guid":
      return toGuid(from, to);
    case "variant":
      return toVariant(from);
    case "spatial":
      return toSpatial(from, to);
  }
}

function fromVariant(to: SqlType, style: number): Convert {
  if (to.name === "sql_variant") return same;
  return (value) => {
    const { base, value: inner } = as.variant(value);
    return inner === null ? null : converterOf(base, to, style)(inner);
  };
}

function toVariant(from: SqlType): Convert {
  if (from.length < 0 || ["text", "ntext", "image", "xml", "timestamp"].includes(from.name)) {
    throw sqlError(529, from.name, "sql_variant");
  }
  return (value) => ({ base: from, value: value as PlainValue });
}

function toSpatial(from: SqlType, to: SqlType): Convert {
  if (from.name === to.name) return same;
  if (familyOf(from) === "binary") return same;
  if (to.name === "hierarchyid") throw unsupported(`converting ${from.name} to hierarchyid`);
  throw unsupported(`converting ${from.name} to ${to.name}`);
}
