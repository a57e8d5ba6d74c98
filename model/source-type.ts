/** A SQL Server type taken apart. */
export interface SourceType {
  /** Base name in lower case without aliases: `integer` is `int`, `character varying` is `varchar`, `float(24)` is `real`. */
  readonly name: string;
  /** Length in characters, UTF-16 units or bytes; absent when not written. */
  readonly length?: number | "max";
  /** Digits of a decimal. */
  readonly precision?: number;
  /** Digits after the point of a decimal, or fraction digits of a second. */
  readonly scale?: number;
}

/** What the number or numbers in a type's parentheses mean. */
type Parameters = "none" | "length" | "decimal" | "fraction" | "bits" | "any";

const PARAMETERS: Readonly<Record<string, Parameters>> = {
  ...each("none", ["bigint", "int", "smallint", "tinyint", "bit", "money", "smallmoney", "real", "date", "datetime"]),
  ...each("none", ["smalldatetime", "text", "ntext", "image", "rowversion", "uniqueidentifier", "sql_variant"]),
  ...each("none", ["hierarchyid", "geography", "geometry", "sysname"]),
  ...each("length", ["char", "nchar", "varchar", "nvarchar", "binary", "varbinary"]),
  ...each("fraction", ["datetime2", "datetimeoffset", "time"]),
  ...each("any", ["xml", "json", "vector"]),
  decimal: "decimal",
  float: "bits",
};

const ALIASES: Readonly<Record<string, string>> = {
  integer: "int",
  numeric: "decimal",
  dec: "decimal",
  "double precision": "float",
  character: "char",
  "character varying": "varchar",
  "char varying": "varchar",
  "national character": "nchar",
  "national char": "nchar",
  "national character varying": "nvarchar",
  "national char varying": "nvarchar",
  "national text": "ntext",
  "binary varying": "varbinary",
  timestamp: "rowversion",
};

/** Longest declared length, in the unit of the type. */
const LONGEST: Readonly<Record<string, number>> = {
  char: 8000,
  varchar: 8000,
  binary: 8000,
  varbinary: 8000,
  nchar: 4000,
  nvarchar: 4000,
};

const SHAPE = /^([^()]+?)\s*(?:\(\s*([^()]*?)\s*\))?(?:\s+identity(?:\s*\([^()]*\))?)?$/i;

/**
 * Reads a SQL Server type as catalogues and people write it, in any case: `nvarchar(50)`, `Decimal (8, 2)`,
 * `varchar(max)`, `[sys].[hierarchyid]`, `xml([hr].[Resume])`. The name of a type it doesn't know is kept
 * as it is. Undefined when the text is no type, or its numbers are impossible, such as `decimal(60)`.
 */
export function parseSourceType(text: string): SourceType | undefined {
  const match = SHAPE.exec(withoutCollection(text.trim()));
  if (match === null) return undefined;
  const spelled = plainName(match[1] ?? "");
  const name = lookup(ALIASES, spelled) ?? spelled;
  const inside = match[2];
  const parameters = lookup(PARAMETERS, name);
  if (parameters === undefined) return /\S/.test(name) ? { name } : undefined;
  return inside === undefined || parameters === "any"
    ? { name }
    : withParameters(name, parameters, inside.toLowerCase());
}

/** True for the types of SQL Server itself, false for alias and other user-defined types. */
export function isBuiltIn(type: SourceType): boolean {
  return Object.hasOwn(PARAMETERS, type.name);
}

/** The type in SQL Server's own spelling, such as `decimal(8,2)`. */
export function formatSourceType({ name, length, precision, scale }: SourceType): string {
  const inside = [length, precision, scale].filter((part) => part !== undefined);
  return inside.length === 0 ? name : `${name}(${inside.join(",")})`;
}

function withParameters(name: string, kind: Parameters, inside: string): SourceType | undefined {
  if (kind === "length" && inside === "max")
    return Object.hasOwn(LONGEST, name) && name.includes("var") ? { name, length: "max" } : undefined;
  const numbers = inside.split(",").map((part) => part.trim());
  if (!numbers.every((part) => /^\d{1,5}$/.test(part))) return undefined;
  const [first = 0, second, third] = numbers.map(Number);
  if (third !== undefined || (second !== undefined && kind !== "decimal")) return undefined;
  if (kind === "length") return first >= 1 && first <= (LONGEST[name] ?? 0) ? { name, length: first } : undefined;
  if (kind === "fraction") return first <= 7 ? { name, scale: first } : undefined;
  if (kind === "decimal") return decimal(name, first, second ?? 0);
  if (kind === "bits") return bits(first);
  return undefined;
}

function decimal(name: string, precision: number, scale: number): SourceType | undefined {
  return precision >= 1 && precision <= 38 && scale <= precision ? { name, precision, scale } : undefined;
}

/** `float(n)` is stored in 4 bytes up to 24 bits, else in 8. */
function bits(count: number): SourceType | undefined {
  if (count < 1 || count > 53) return undefined;
  return { name: count <= 24 ? "real" : "float" };
}

/** `xml([hr].[Resume])` and `xml(CONTENT hr.Resume)` are xml: the schema collection doesn't matter to a sink. */
function withoutCollection(text: string): string {
  return /^\[?xml\]?\s*\(/i.test(text) ? "xml" : text;
}

/** Lower case without brackets, quotes and the schema of a built-in type. */
function plainName(text: string): string {
  const name = text
    .replace(/[[\]"]/g, "")
    .replace(/\s+/g, " ")
    .trim()
    .toLowerCase();
  return name.startsWith("sys.") ? name.slice("sys.".length) : name;
}

function each(kind: Parameters, names: readonly string[]): Record<string, Parameters> {
  return Object.fromEntries(names.map((name) => [name, kind]));
}

function lookup<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
