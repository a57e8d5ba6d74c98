import { Collation } from "tedious/lib/collation";
import { codePageReader, readUtf16, type ReadText } from "./code-page";
import { RowFormatError } from "./row-format-error";
import {
  datetime2Value,
  datetimeoffsetValue,
  decimalReader,
  FIXED,
  readHex,
  timeValue,
  type FixedValue,
} from "./values";

const BARE: Readonly<Record<number, FixedValue | undefined>> = {
  0x24: FIXED["UniqueIdentifier"],
  0x28: FIXED["Date"],
  0x30: FIXED["TinyInt"],
  0x32: FIXED["Bit"],
  0x34: FIXED["SmallInt"],
  0x38: FIXED["Int"],
  0x3a: FIXED["SmallDateTime"],
  0x3b: FIXED["Real"],
  0x3c: FIXED["Money"],
  0x3d: FIXED["DateTime"],
  0x3e: FIXED["Float"],
  0x7a: FIXED["SmallMoney"],
  0x7f: FIXED["BigInt"],
};

const SCALED: Readonly<Record<number, ((scale: number) => FixedValue) | undefined>> = {
  0x29: timeValue,
  0x2a: datetime2Value,
  0x2b: datetimeoffsetValue,
};

/** A sql_variant's bytes: base type, length of its properties, these, the value. */
export const readVariant: ReadText = (buffer, start, end) => {
  const type = buffer[start] ?? 0;
  const properties = buffer[start + 1] ?? 0;
  const at = start + 2 + properties;
  if (end - start < 2 || at > end) throw broken(type);
  const value = BARE[type] ?? scaled(buffer, start, type);
  if (value !== undefined) {
    if (end - at !== value.width) throw broken(type);
    return value.read(buffer, at, end);
  }
  return sized(buffer, start, type)(buffer, at, end);
};

function scaled(buffer: Buffer, start: number, type: number): FixedValue | undefined {
  const scale = buffer[start + 2] ?? 0;
  const value = SCALED[type];
  if (value !== undefined && scale > 7) throw broken(type);
  return value?.(scale);
}

function sized(buffer: Buffer, start: number, type: number): ReadText {
  switch (type) {
    case 0xa5:
    case 0xad:
      return readHex;
    case 0xe7:
    case 0xef:
      return readUtf16;
    case 0x6a:
    case 0x6c:
      return checkedDecimal(buffer[start + 2] ?? 0, buffer[start + 3] ?? 0, type);
    case 0xa7:
    case 0xaf:
      return text(buffer, start, type);
    default:
      throw new RowFormatError(`a sql_variant holds the unknown type 0x${type.toString(16)}`);
  }
}

function checkedDecimal(precision: number, scale: number, type: number): ReadText {
  const read = decimalReader(precision, scale);
  return (buffer, start, end) => {
    const width = end - start - 1;
    if (width < 4 || width > 16 || width % 4 !== 0) throw broken(type);
    return read(buffer, start, end);
  };
}

// Properties: longest length, then the collation.
function text(buffer: Buffer, start: number, type: number): ReadText {
  if (buffer[start + 1] !== 7) throw broken(type);
  const { codepage } = Collation.fromBuffer(buffer.subarray(start + 4, start + 9));
  const read = codePageReader(codepage);
  if (read === undefined)
    throw new RowFormatError(`a sql_variant holds text in a code page that we cannot read: ${String(codepage)}`);
  return read;
}

function broken(type: number): RowFormatError {
  return new RowFormatError(`a sql_variant of type 0x${type.toString(16)} is malformed`);
}
