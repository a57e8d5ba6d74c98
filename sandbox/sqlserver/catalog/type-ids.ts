import { isMax, type SqlType, type TypeName } from "../values/sql-type";

/** Ids, sizes and collation of a type as sys.types lists them. */
export interface TypeIds {
  readonly system: number;
  readonly user: number;
  readonly maxLength: number;
  readonly precision: number;
  readonly scale: number;
}

const ids = (system: number, user: number, maxLength: number, precision = 0, scale = 0): TypeIds => ({
  system,
  user,
  maxLength,
  precision,
  scale,
});

/** The rows of sys.types. */
export const TYPE_IDS: Readonly<Record<TypeName, TypeIds>> = {
  image: ids(34, 34, 16),
  text: ids(35, 35, 16),
  uniqueidentifier: ids(36, 36, 16),
  date: ids(40, 40, 3, 10),
  time: ids(41, 41, 5, 16, 7),
  datetime2: ids(42, 42, 8, 27, 7),
  datetimeoffset: ids(43, 43, 10, 34, 7),
  tinyint: ids(48, 48, 1, 3),
  smallint: ids(52, 52, 2, 5),
  int: ids(56, 56, 4, 10),
  smalldatetime: ids(58, 58, 4, 16),
  real: ids(59, 59, 4, 24),
  money: ids(60, 60, 8, 19, 4),
  datetime: ids(61, 61, 8, 23, 3),
  float: ids(62, 62, 8, 53),
  sql_variant: ids(98, 98, 8016),
  ntext: ids(99, 99, 16),
  bit: ids(104, 104, 1, 1),
  decimal: ids(106, 106, 17, 38, 38),
  numeric: ids(108, 108, 17, 38, 38),
  smallmoney: ids(122, 122, 4, 10, 4),
  bigint: ids(127, 127, 8, 19),
  hierarchyid: ids(240, 128, 892),
  geometry: ids(240, 129, -1),
  geography: ids(240, 130, -1),
  varbinary: ids(165, 165, 8000),
  varchar: ids(167, 167, 8000),
  binary: ids(173, 173, 8000),
  char: ids(175, 175, 8000),
  timestamp: ids(189, 189, 8),
  nvarchar: ids(231, 231, 8000),
  nchar: ids(239, 239, 8000),
  xml: ids(241, 241, -1),
};

/** Bytes of the type, as sys.columns.max_length has them. */
export function maxLengthOf(type: SqlType): number {
  switch (type.name) {
    case "nchar":
    case "nvarchar":
      return isMax(type) ? -1 : type.length * 2;
    case "char":
    case "varchar":
    case "binary":
    case "varbinary":
      return type.length;
    case "decimal":
    case "numeric":
      return type.precision <= 9 ? 5 : type.precision <= 19 ? 9 : type.precision <= 28 ? 13 : 17;
    case "time":
      return type.scale <= 2 ? 3 : type.scale <= 4 ? 4 : 5;
    case "datetime2":
      return type.scale <= 2 ? 6 : type.scale <= 4 ? 7 : 8;
    case "datetimeoffset":
      return type.scale <= 2 ? 8 : type.scale <= 4 ? 9 : 10;
    default:
      return TYPE_IDS[type.name].maxLength;
  }
}

/** Precision and scale, as sys.columns has them. */
export function digitsOf(type: SqlType): { precision: number; scale: number } {
  const { precision, scale } = TYPE_IDS[type.name];
  switch (type.name) {
    case "decimal":
    case "numeric":
      return { precision: type.precision, scale: type.scale };
    case "time":
      return { precision: type.scale === 0 ? 8 : 9 + type.scale, scale: type.scale };
    case "datetime2":
      return { precision: type.scale === 0 ? 19 : 20 + type.scale, scale: type.scale };
    case "datetimeoffset":
      return { precision: type.scale === 0 ? 26 : 27 + type.scale, scale: type.scale };
    default:
      return { precision, scale };
  }
}
