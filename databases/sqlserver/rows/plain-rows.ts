import type { ColumnMetadata } from "tedious/lib/token/colmetadata-token-parser";
import { codePageReader } from "./code-page";
import { resultColumn } from "./result-column";
import { floatText, realText } from "./numbers";
import { RowFormatError } from "./row-format-error";
import type { ExactRow } from "./row-reader";

/** A cell as the driver's own parser gives it. */
export interface PlainCell {
  readonly value: unknown;
  readonly metadata: ColumnMetadata;
}

/** What has to be done to a column so that its value survives the driver. */
export type Conversion = (expression: string) => string;

const CONVERSIONS: Readonly<Record<string, Conversion>> = {
  DecimalN: (expression) => `CONVERT(nvarchar(41), ${expression})`,
  NumericN: (expression) => `CONVERT(nvarchar(41), ${expression})`,
  Money: (expression) => `CONVERT(nvarchar(40), ${expression}, 2)`,
  MoneyN: (expression) => `CONVERT(nvarchar(40), ${expression}, 2)`,
  SmallMoney: (expression) => `CONVERT(nvarchar(40), ${expression}, 2)`,
  Time: (expression) => `CONVERT(nvarchar(40), ${expression}, 121)`,
  DateTime2: (expression) => `CONVERT(nvarchar(40), ${expression}, 121)`,
  DateTimeOffset: (expression) => `CONVERT(nvarchar(40), ${expression}, 121)`,
};
const TEXT = new Set(["VarChar", "Char", "Text"]);
const EXACT = new Set([
  ...["Null", "TinyInt", "SmallInt", "Int", "BigInt", "IntN", "Bit", "BitN", "Real", "Float", "FloatN"],
  ...["SmallDateTime", "DateTime", "DateTimeN", "Date", "UniqueIdentifier"],
  ...["NVarChar", "NChar", "NText", "VarBinary", "Binary", "Image", "Xml", "UDT"],
]);

/**
 * How a column must be selected so that the driver gives its exact value; undefined when it does anyway.
 * @throws RowFormatError for a type that can't be had exactly, such as sql_variant.
 */
export function conversionOf(metadata: ColumnMetadata): Conversion | undefined {
  const { name } = metadata.type;
  const conversion = CONVERSIONS[name];
  if (conversion !== undefined) return conversion;
  if (TEXT.has(name))
    return codePageReader(metadata.collation?.codepage) === undefined
      ? (expression) => `CONVERT(nvarchar(max), ${expression})`
      : undefined;
  if (EXACT.has(name)) return undefined;
  throw new RowFormatError(
    `column ${resultColumn(metadata).name} has type ${name}, which the driver does not give exactly`,
  );
}

/** A row of the driver as exact text. */
export function plainRow(cells: readonly PlainCell[]): ExactRow {
  return cells.map(({ value, metadata }) => (value === null || value === undefined ? null : textOf(value, metadata)));
}

function textOf(value: unknown, metadata: ColumnMetadata): string {
  if (typeof value === "string") return metadata.type.name === "Xml" ? value.replace(/^\uFEFF/, "") : value;
  if (typeof value === "number") return isReal(metadata) ? realText(value) : floatText(value);
  if (typeof value === "boolean") return value ? "1" : "0";
  if (value instanceof Date) return momentText(value, metadata);
  if (Buffer.isBuffer(value)) return `0x${value.toString("hex")}`;
  throw new RowFormatError(`column ${metadata.colName} has a value of an unknown kind`);
}

function isReal({ type, dataLength }: ColumnMetadata): boolean {
  return type.name === "Real" || (type.name === "FloatN" && dataLength === 4);
}

function momentText(value: Date, { type, dataLength }: ColumnMetadata): string {
  const iso = value.toISOString().replace("T", " ").replace("Z", "");
  if (type.name === "Date") return iso.slice(0, 10);
  const isSmall = type.name === "SmallDateTime" || (type.name === "DateTimeN" && dataLength === 4);
  return isSmall ? iso.slice(0, 19) : iso;
}
