import { sqlError, unsupported } from "../errors";
import type { TypeRef } from "../parse/ast";
import { decimal, isTypeName, MAX, nvarchar, typeOf, type SqlType, type TypeName } from "../values/sql-type";

const SYNONYMS: Readonly<Record<string, TypeName>> = {
  integer: "int",
  dec: "decimal",
  character: "char",
  rowversion: "timestamp",
  binaryvarying: "varbinary",
};

/** The type that a declaration names. Throws 2715 for one that nobody knows, 1001 for a length out of range. */
export function resolveType({ name, arguments: args }: TypeRef): SqlType {
  const word = (name.at(-1) ?? "").toLowerCase();
  if (word === "sysname") return nvarchar(128);
  if (word === "double") return typeOf("float");
  const known = SYNONYMS[word] ?? word;
  if (["cursor", "table", "json", "vector"].includes(known)) throw unsupported(`the type ${known}`);
  if (!isTypeName(known)) throw sqlError(2715, 1, word);
  return withArguments(known, args);
}

const LIMITS: Partial<Record<TypeName, number>> = {
  char: 8000,
  varchar: 8000,
  nchar: 4000,
  nvarchar: 4000,
  binary: 8000,
  varbinary: 8000,
};

function withArguments(name: TypeName, args: readonly number[]): SqlType {
  const [first] = args;
  switch (name) {
    case "char":
    case "varchar":
    case "nchar":
    case "nvarchar":
    case "binary":
    case "varbinary": {
      const length = first ?? 1;
      const canBeMax = name.includes("var");
      if ((length === MAX && !canBeMax) || length === 0 || length > (LIMITS[name] ?? 0))
        throw sqlError(131, length, name);
      return typeOf(name, length);
    }
    case "decimal":
    case "numeric": {
      const [precision, scale] = [first ?? 18, args[1] ?? 0];
      if (precision < 1 || precision > 38) throw sqlError(1007, precision);
      if (scale > precision) throw sqlError(192);
      return { ...decimal(precision, scale), name };
    }
    case "float":
      return typeOf(first !== undefined && first <= 24 ? "real" : "float");
    case "time":
    case "datetime2":
    case "datetimeoffset":
      if (first !== undefined && first > 7) throw sqlError(1002, first);
      return typeOf(name, 0, 0, first ?? 7);
    default:
      if (args.length > 0) throw sqlError(2716, 1, name);
      return name === "xml" || name === "geometry" || name === "geography" ? typeOf(name, MAX) : typeOf(name);
  }
}
