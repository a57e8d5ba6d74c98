import type { WireType } from "../arbitraries/wire-values";

const MAX_BYTES = 0xffff;
const INTEGERS: Readonly<Record<number, string>> = { 1: "tinyint", 2: "smallint", 4: "int", 8: "bigint" };
const NAMES: Readonly<Record<string, string>> = {
  ...{
    BitN: "bit",
    UDT: "hierarchyid",
    Variant: "sql_variant",
    DateTime2: "datetime2",
    DateTimeOffset: "datetimeoffset",
  },
};

/** SQL Server's type of a wire type, such as `nvarchar(40)`. */
export function sourceTypeOf({ metadata }: WireType): string {
  const { precision = 0, scale = 0, dataLength = 0 } = metadata;
  const { name } = metadata.type;
  switch (name) {
    case "IntN":
      return INTEGERS[dataLength] ?? "";
    case "DecimalN":
    case "NumericN":
      return `decimal(${String(precision)},${String(scale)})`;
    case "MoneyN":
      return dataLength === 4 ? "smallmoney" : "money";
    case "FloatN":
      return dataLength === 4 ? "real" : "float";
    case "DateTimeN":
      return dataLength === 4 ? "smalldatetime" : "datetime";
    case "Time":
    case "DateTime2":
    case "DateTimeOffset":
      return `${(NAMES[name] ?? name).toLowerCase()}(${String(scale)})`;
    case "NVarChar":
    case "NChar":
      return withLength(name, dataLength, dataLength / 2);
    case "VarChar":
    case "Char":
    case "VarBinary":
    case "Binary":
      return withLength(name, dataLength, dataLength);
    default:
      return (NAMES[name] ?? name).toLowerCase();
  }
}

function withLength(name: string, bytes: number, length: number): string {
  return `${name.toLowerCase()}(${bytes === MAX_BYTES ? "max" : String(length)})`;
}
