/** Names of the types that columns and expressions have, as sys.types spells them. */
export type TypeName =
  | "bit"
  | "tinyint"
  | "smallint"
  | "int"
  | "bigint"
  | "real"
  | "float"
  | "decimal"
  | "numeric"
  | "money"
  | "smallmoney"
  | "char"
  | "varchar"
  | "text"
  | "nchar"
  | "nvarchar"
  | "ntext"
  | "xml"
  | "binary"
  | "varbinary"
  | "image"
  | "timestamp"
  | "date"
  | "time"
  | "datetime"
  | "datetime2"
  | "smalldatetime"
  | "datetimeoffset"
  | "uniqueidentifier"
  | "sql_variant"
  | "hierarchyid"
  | "geometry"
  | "geography";

/** A type with what qualifies it. */
export interface SqlType {
  readonly name: TypeName;
  /** Characters or bytes of text and binary types; MAX for (max). 0 elsewhere. */
  readonly length: number;
  /** Digits of decimal and numeric. 0 elsewhere. */
  readonly precision: number;
  /** Digits after the point, also of time, datetime2 and datetimeoffset. 0 elsewhere. */
  readonly scale: number;
  /** Of text types; the database's default when absent. */
  readonly collation?: string;
}

/** Length of varchar(max), nvarchar(max) and varbinary(max). */
export const MAX = -1;

/** What kinds of value a type has; decides how it is compared and computed with. */
export type Family = "integer" | "decimal" | "float" | "text" | "binary" | "time" | "guid" | "variant" | "spatial";

const FAMILIES: Readonly<Record<TypeName, Family>> = {
  bit: "integer",
  tinyint: "integer",
  smallint: "integer",
  int: "integer",
  bigint: "integer",
  real: "float",
  float: "float",
  decimal: "decimal",
  numeric: "decimal",
  money: "decimal",
  smallmoney: "decimal",
  char: "text",
  varchar: "text",
  text: "text",
  nchar: "text",
  nvarchar: "text",
  ntext: "text",
  xml: "text",
  binary: "binary",
  varbinary: "binary",
  image: "binary",
  timestamp: "binary",
  date: "time",
  time: "time",
  datetime: "time",
  datetime2: "time",
  smalldatetime: "time",
  datetimeoffset: "time",
  uniqueidentifier: "guid",
  sql_variant: "variant",
  hierarchyid: "spatial",
  geometry: "spatial",
  geography: "spatial",
};

/** Lowest first: in a mixed expression the lower type is converted to the higher. */
const PRECEDENCE: readonly TypeName[] = [
  "binary",
  "varbinary",
  "char",
  "varchar",
  "nchar",
  "nvarchar",
  "uniqueidentifier",
  "timestamp",
  "image",
  "text",
  "ntext",
  "bit",
  "tinyint",
  "smallint",
  "int",
  "bigint",
  "smallmoney",
  "money",
  "numeric",
  "decimal",
  "real",
  "float",
  "time",
  "date",
  "smalldatetime",
  "datetime",
  "datetime2",
  "datetimeoffset",
  "xml",
  "hierarchyid",
  "geometry",
  "geography",
  "sql_variant",
];

/** The family of a type. */
export function familyOf(type: SqlType): Family {
  return FAMILIES[type.name];
}

/** Rank in type precedence; the higher wins. */
export function precedenceOf(name: TypeName): number {
  return PRECEDENCE.indexOf(name);
}

/** True when the name is a type that the stand-in knows. */
export function isTypeName(name: string): name is TypeName {
  return name in FAMILIES;
}

/** A type; what doesn't apply is 0. */
export function typeOf(name: TypeName, length = 0, precision = 0, scale = 0): SqlType {
  return { name, length, precision, scale };
}

/** Types that need no qualifier, ready made. */
export const T = {
  bit: typeOf("bit"),
  tinyint: typeOf("tinyint"),
  smallint: typeOf("smallint"),
  int: typeOf("int"),
  bigint: typeOf("bigint"),
  float: typeOf("float"),
  real: typeOf("real"),
  money: typeOf("money"),
  date: typeOf("date"),
  datetime: typeOf("datetime"),
  datetime2: typeOf("datetime2", 0, 0, 7),
  datetimeoffset: typeOf("datetimeoffset", 0, 0, 7),
  uniqueidentifier: typeOf("uniqueidentifier"),
  variant: typeOf("sql_variant"),
  sysname: typeOf("nvarchar", 128),
  nvarcharMax: typeOf("nvarchar", MAX),
  lsn: typeOf("binary", 10),
} as const;

/** `nvarchar(n)`. */
export function nvarchar(length: number): SqlType {
  return typeOf("nvarchar", length);
}

/** `varchar(n)`. */
export function varchar(length: number): SqlType {
  return typeOf("varchar", length);
}

/** `varbinary(n)`. */
export function varbinary(length: number): SqlType {
  return typeOf("varbinary", length);
}

/** `decimal(p,s)`. */
export function decimal(precision: number, scale: number): SqlType {
  return typeOf("decimal", 0, precision, scale);
}

/** True for varchar(max), nvarchar(max), varbinary(max). */
export function isMax(type: SqlType): boolean {
  return type.length === MAX;
}

/** True for the types whose characters take two bytes. */
export function isUnicode(type: SqlType): boolean {
  return type.name === "nchar" || type.name === "nvarchar" || type.name === "ntext" || type.name === "xml";
}

/** True for char, nchar and binary, whose values always have the full length. */
export function isFixedLength(type: SqlType): boolean {
  return type.name === "char" || type.name === "nchar" || type.name === "binary";
}

/** Precision and scale with which a numeric type takes part in decimal arithmetic. */
export function decimalShape(type: SqlType): { precision: number; scale: number } {
  switch (type.name) {
    case "bit":
      return { precision: 1, scale: 0 };
    case "tinyint":
      return { precision: 3, scale: 0 };
    case "smallint":
      return { precision: 5, scale: 0 };
    case "int":
      return { precision: 10, scale: 0 };
    case "bigint":
      return { precision: 19, scale: 0 };
    case "money":
      return { precision: 19, scale: 4 };
    case "smallmoney":
      return { precision: 10, scale: 4 };
    default:
      return { precision: type.precision || 18, scale: type.scale };
  }
}

/** Digits after the point of an exact numeric type. */
export function scaleOf(type: SqlType): number {
  return decimalShape(type).scale;
}

/** The type as a declaration spells it, such as `nvarchar(50)`. */
export function describeType(type: SqlType): string {
  switch (type.name) {
    case "decimal":
    case "numeric":
      return `${type.name}(${type.precision},${type.scale})`;
    case "char":
    case "varchar":
    case "nchar":
    case "nvarchar":
    case "binary":
    case "varbinary":
      return `${type.name}(${type.length === MAX ? "max" : type.length})`;
    case "time":
    case "datetime2":
    case "datetimeoffset":
      return `${type.name}(${type.scale})`;
    default:
      return type.name;
  }
}
