/**
 * How one SQL Server type is stored in PostgreSQL. `length`, `precision` and `fraction` say which of the
 * source's numbers the sink type keeps.
 */
export interface TypeRule {
  /** Name of the sink type, with its numbers when they are always the same. */
  readonly sink: string;
  readonly keeps?: "length" | "precision" | "fraction";
  /** What is lost of every value. */
  readonly lossy?: string;
  /** A large object: SQL Server doesn't send it with an update that leaves it alone. */
  readonly lob?: true;
  /** Something the user should know though nothing is lost. */
  readonly note?: string;
}

/** The rules where the user gives no other; `docs` of the mapping are these lines. */
export const DEFAULT_RULES: Readonly<Record<string, TypeRule>> = {
  bigint: { sink: "bigint" },
  int: { sink: "integer" },
  smallint: { sink: "smallint" },
  tinyint: { sink: "smallint" },
  bit: { sink: "boolean" },
  decimal: { sink: "numeric", keeps: "precision" },
  money: { sink: "numeric(19,4)" },
  smallmoney: { sink: "numeric(10,4)" },
  float: { sink: "double precision" },
  real: { sink: "real" },
  date: { sink: "date" },
  datetime: { sink: "timestamp(3)" },
  smalldatetime: { sink: "timestamp(0)" },
  datetime2: { sink: "timestamp", keeps: "fraction" },
  datetimeoffset: {
    sink: "timestamptz",
    keeps: "fraction",
    lossy: "the instant is kept, the offset it was written with is not",
  },
  time: { sink: "time", keeps: "fraction" },
  char: { sink: "char", keeps: "length" },
  nchar: { sink: "char", keeps: "length" },
  varchar: { sink: "varchar", keeps: "length" },
  nvarchar: { sink: "varchar", keeps: "length" },
  sysname: { sink: "varchar(128)" },
  text: { sink: "text", lob: true },
  ntext: { sink: "text", lob: true },
  binary: { sink: "bytea" },
  varbinary: { sink: "bytea" },
  image: { sink: "bytea", lob: true },
  rowversion: { sink: "bytea" },
  uniqueidentifier: { sink: "uuid" },
  xml: { sink: "xml", lob: true },
  json: { sink: "jsonb", lob: true, lossy: "the order of keys, repeated keys and white space are not kept" },
  vector: { sink: "text", note: "a vector is stored in its JSON text form" },
  hierarchyid: { sink: "bytea", note: "hierarchyid is stored in SQL Server's binary form" },
  geography: { sink: "bytea", lob: true, note: "geography is stored in SQL Server's binary form" },
  geometry: { sink: "bytea", lob: true, note: "geometry is stored in SQL Server's binary form" },
  sql_variant: { sink: "text", lossy: "the text of the value is kept, its base type is not" },
};

/** Where a type nobody knows is stored. */
export const FALLBACK_SINK_TYPE = "text";
