import { readUtf16, type ReadText } from "./code-page";
import { datetimeoffsetText, datetimeText, dayText, smalldatetimeText, timeText } from "./moments";
import { bigintText, decimalText, floatText, moneyText, realText, smallmoneyText } from "./numbers";
import { RowFormatError } from "./row-format-error";

const WORD = 0x1_0000_0000;
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0").toUpperCase());
/** Order in which a uniqueidentifier's bytes are printed. */
const GUID = [
  [3, 2, 1, 0],
  [5, 4],
  [7, 6],
  [8, 9],
  [10, 11, 12, 13, 14, 15],
] as const;

/** Readers of values whose width is fixed by their type: width and text. */
export interface FixedValue {
  readonly width: number;
  readonly read: ReadText;
}

export const FIXED: Readonly<Record<string, FixedValue>> = {
  Bit: fixed(1, (buffer, at) => bitText(buffer[at] ?? 0)),
  TinyInt: fixed(1, (buffer, at) => String(buffer[at])),
  SmallInt: fixed(2, (buffer, at) => String(buffer.readInt16LE(at))),
  Int: fixed(4, (buffer, at) => String(buffer.readInt32LE(at))),
  BigInt: fixed(8, bigintText),
  Real: fixed(4, (buffer, at) => realText(buffer.readFloatLE(at))),
  Float: fixed(8, (buffer, at) => floatText(buffer.readDoubleLE(at))),
  SmallMoney: fixed(4, smallmoneyText),
  Money: fixed(8, moneyText),
  SmallDateTime: fixed(4, (buffer, at) => smalldatetimeText(buffer.readUInt16LE(at), buffer.readUInt16LE(at + 2))),
  DateTime: fixed(8, (buffer, at) => datetimeText(buffer.readInt32LE(at), buffer.readUInt32LE(at + 4))),
  Date: fixed(3, (buffer, at) => dayText(buffer.readUIntLE(at, 3))),
  UniqueIdentifier: fixed(16, guidText),
};

/** Types that the wire names together and tells apart by width. */
export const NULLABLE: Readonly<Record<string, readonly FixedValue[]>> = {
  IntN: pick("TinyInt", "SmallInt", "Int", "BigInt"),
  BitN: pick("Bit"),
  FloatN: pick("Real", "Float"),
  MoneyN: pick("SmallMoney", "Money"),
  DateTimeN: pick("SmallDateTime", "DateTime"),
};

/** Bytes of a time of that many digits. */
export function timeWidth(scale: number): number {
  return scale <= 2 ? 3 : scale <= 4 ? 4 : 5;
}

export function timeValue(scale: number): FixedValue {
  const width = timeWidth(scale);
  return fixed(width, (buffer, at) => timeText(count(buffer, at, width), scale));
}

export function datetime2Value(scale: number): FixedValue {
  const width = timeWidth(scale);
  return fixed(
    width + 3,
    (buffer, at) => `${dayText(buffer.readUIntLE(at + width, 3))} ${timeText(count(buffer, at, width), scale)}`,
  );
}

export function datetimeoffsetValue(scale: number): FixedValue {
  const width = timeWidth(scale);
  return fixed(width + 5, (buffer, at) => {
    const day = buffer.readUIntLE(at + width, 3);
    return datetimeoffsetText(day, count(buffer, at, width), scale, buffer.readInt16LE(at + width + 3));
  });
}

export function decimalReader(precision: number, scale: number): ReadText {
  return (buffer, start, end) => decimalText(buffer, start, end, precision, scale);
}

export const readHex: ReadText = (buffer, start, end) => `0x${buffer.toString("hex", start, end)}`;

/** XML is UTF-16, with or without a byte order mark. */
export const readXml: ReadText = (buffer, start, end) => {
  const marked = end - start >= 2 && buffer[start] === 0xff && buffer[start + 1] === 0xfe;
  return readUtf16(buffer, marked ? start + 2 : start, end);
};

function fixed(width: number, read: ReadText): FixedValue {
  return { width, read };
}

function pick(...names: string[]): FixedValue[] {
  return names.flatMap((name) => FIXED[name] ?? []);
}

function bitText(byte: number): string {
  if (byte > 1) throw new RowFormatError(`a bit is ${String(byte)}`);
  return byte === 1 ? "1" : "0";
}

function count(buffer: Buffer, at: number, width: number): number {
  if (width === 5) return buffer.readUInt32LE(at) + (buffer[at + 4] ?? 0) * WORD;
  return width === 4 ? buffer.readUInt32LE(at) : buffer.readUIntLE(at, 3);
}

function guidText(buffer: Buffer, at: number): string {
  let text = "";
  for (const group of GUID) {
    if (text !== "") text += "-";
    for (const offset of group) text += HEX[buffer[at + offset] ?? 0] ?? "";
  }
  return text;
}
