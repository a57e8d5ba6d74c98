/** A canonical PostgreSQL type taken apart: `numeric(8,2)` is name `numeric`, parameters `[8, 2]`. */
export interface SinkType {
  /** Short name, such as `varchar`, `timestamptz`, `double precision`; arrays end in `[]`. */
  readonly name: string;
  /** Length, or precision and scale, or fraction digits; empty when the type has none. */
  readonly parameters: readonly number[];
}

/** Other spellings of PostgreSQL types, as format_type() and users write them. */
const SPELLINGS: Readonly<Record<string, string>> = {
  "character varying": "varchar",
  "char varying": "varchar",
  character: "char",
  bpchar: "char",
  decimal: "numeric",
  dec: "numeric",
  int: "integer",
  int4: "integer",
  int2: "smallint",
  int8: "bigint",
  bool: "boolean",
  float8: "double precision",
  double: "double precision",
  float4: "real",
  "timestamp without time zone": "timestamp",
  "timestamp with time zone": "timestamptz",
  "time without time zone": "time",
  "time with time zone": "timetz",
};

const DIGITS_6 = ["timestamp", "timestamptz", "time", "timetz"];
const SHAPE = /^([a-z_][a-z0-9_]*(?: [a-z]+)*?)\s*(?:\(\s*(\d+)\s*(?:,\s*(-?\d+)\s*)?\))?((?: [a-z]+)*)\s*((?:\[\])*)$/;

/** A few dozen texts name the types of a million columns. */
const parsed = new Map<string, SinkType | undefined>();

/**
 * Takes a PostgreSQL type apart, in whatever case and spelling. Undefined when the text isn't a plain type
 * name with numbers in parentheses: such a text must never reach a statement.
 */
export function parseSinkType(text: string): SinkType | undefined {
  if (!parsed.has(text)) parsed.set(text, parse(text));
  return parsed.get(text);
}

function parse(text: string): SinkType | undefined {
  const match = SHAPE.exec(text.trim().toLowerCase().replace(/\s+/g, " "));
  if (match === null) return undefined;
  const [, head = "", first, second, tail = "", array = ""] = match;
  const spelled = `${head}${tail}`;
  const name = own(SPELLINGS, spelled) ?? spelled;
  const parameters = [first, second].filter((part) => part !== undefined).map(Number);
  return { name: name + array, parameters: fixed(name, parameters) };
}

/** The short canonical spelling of a PostgreSQL type, such as `numeric(8,2)`; undefined when it isn't one. */
export function canonicalType(text: string): string | undefined {
  const type = parseSinkType(text);
  return type === undefined ? undefined : formatSinkType(type);
}

export function formatSinkType(type: SinkType): string {
  const { name, parameters } = type;
  if (parameters.length === 0) return name;
  const array = /(\[\])*$/.exec(name)?.[0] ?? "";
  return `${name.slice(0, name.length - array.length)}(${parameters.join(",")})${array}`;
}

/** Adds what PostgreSQL implies: `numeric(8)` has scale 0, `char` has length 1; `timestamp(6)` stays as written. */
function fixed(name: string, parameters: number[]): number[] {
  if (name === "numeric" && parameters.length === 1) return [...parameters, 0];
  if (name === "char" && parameters.length === 0) return [1];
  return parameters;
}

/** Fraction digits that a date and time type keeps. */
export function fractionDigits(type: SinkType): number {
  return DIGITS_6.includes(type.name) ? (type.parameters[0] ?? 6) : 0;
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
