import type { ColumnMetadata } from "tedious/lib/token/colmetadata-token-parser";
import {
  bareCell,
  chunkedCell,
  decimalCell,
  nothingCell,
  nullableCell,
  pointerCell,
  shortCell,
  variantCell,
  type Cell,
} from "./cells";
import { codePageReader, readUtf16, type ReadText } from "./code-page";
import {
  datetime2Value,
  datetimeoffsetValue,
  decimalReader,
  FIXED,
  NULLABLE,
  readHex,
  readXml,
  timeValue,
  type FixedValue,
} from "./values";
import { readVariant } from "./variant";

const MAX_LENGTH = 0xffff;
const SCALED: Readonly<Record<string, ((scale: number) => FixedValue) | undefined>> = {
  Time: timeValue,
  DateTime2: datetime2Value,
  DateTimeOffset: datetimeoffsetValue,
};

/** How a column's cells are read; undefined for a type or code page that we don't know. */
export function cellOf(metadata: ColumnMetadata): Cell | undefined {
  if (metadata.cryptoMetadata !== undefined) return undefined;
  const type = metadata.type.name;
  if (type === "Date" || type === "UniqueIdentifier") return withValue(FIXED[type], nullableCell);
  if (type === "Null") return nothingCell();
  const { scale = 0, precision = 0, dataLength = 0 } = metadata;
  const ofWidth = NULLABLE[type]?.find(({ width }) => width === dataLength);
  return (
    withValue(FIXED[type], bareCell) ??
    withValue(ofWidth, nullableCell) ??
    (scale <= 7 ? withValue(SCALED[type]?.(scale), nullableCell) : undefined) ??
    (type === "DecimalN" || type === "NumericN"
      ? decimalCell(dataLength, decimalReader(precision, scale))
      : variableCell(metadata, type, dataLength))
  );
}

function withValue(value: FixedValue | undefined, make: (value: FixedValue) => Cell): Cell | undefined {
  return value === undefined ? undefined : make(value);
}

function variableCell(metadata: ColumnMetadata, type: string, length: number): Cell | undefined {
  switch (type) {
    case "VarChar":
    case "Char":
      return shortOrMax(codePageReader(metadata.collation?.codepage), length);
    case "NVarChar":
    case "NChar":
      return shortOrMax(readUtf16, length);
    case "VarBinary":
    case "Binary":
      return shortOrMax(readHex, length);
    case "Text": {
      const read = codePageReader(metadata.collation?.codepage);
      return read === undefined ? undefined : pointerCell(read);
    }
    case "NText":
      return pointerCell(readUtf16);
    case "Image":
      return pointerCell(readHex);
    case "Xml":
      return chunkedCell(readXml);
    case "UDT":
      return chunkedCell(readHex);
    case "Variant":
      return variantCell(readVariant);
    default:
      return undefined;
  }
}

function shortOrMax(read: ReadText | undefined, length: number): Cell | undefined {
  if (read === undefined) return undefined;
  return length === MAX_LENGTH ? chunkedCell(read) : shortCell(length, read);
}
