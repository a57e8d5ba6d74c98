import { RowFormatError } from "../../../databases/sqlserver/rows/row-format-error";
import { floatText } from "../../../databases/sqlserver/rows/numbers";
import { writeAscii, type ByteWriter } from "./byte-writer";
import { fillDigits, insertPoint, writeDigits, writeWords } from "./digits";

const MINUS = 0x2d;
const WORD = 0x1_0000_0000;
/** High words below it make integers that a double holds. */
const SAFE_HIGH = 0x20_0000;
const BILLION = 1_000_000_000;
const four = new Uint32Array(4);

export const writeTinyInt: ByteWriter = (input, start, _end, output, at) =>
  writeDigits(output, at, input[start] as number, 1);

export const writeSmallInt: ByteWriter = (input, start, _end, output, at) =>
  writeSigned(output, at, (((input[start] as number) | ((input[start + 1] as number) << 8)) << 16) >> 16, 1);

export const writeInt: ByteWriter = (input, start, _end, output, at) => writeSigned(output, at, int32(input, start), 1);

export const writeBigInt: ByteWriter = (input, start, _end, output, at) =>
  writeInt64(output, at, int32(input, start + 4), int32(input, start) >>> 0, 0);

/** money: ten-thousandths, high word first. */
export const writeMoney: ByteWriter = (input, start, _end, output, at) =>
  writeInt64(output, at, int32(input, start), int32(input, start + 4) >>> 0, 4);

export const writeSmallMoney: ByteWriter = (input, start, _end, output, at) =>
  insertPoint(output, writeSigned(output, at, int32(input, start), 5), 4);

/** bit as PostgreSQL's boolean. */
export const writeBoolean: ByteWriter = (input, start, _end, output, at) => {
  output[at] = bit(input, start) === 1 ? 0x74 : 0x66;
  return at + 1;
};

export const writeBit: ByteWriter = (input, start, _end, output, at) => {
  output[at] = 0x30 + bit(input, start);
  return at + 1;
};

/** A double in the shortest text that is this double. */
export const writeFloat: ByteWriter = (input, start, _end, output, at) => {
  const value = input.readDoubleLE(start);
  const size = Math.abs(value);
  // Of a decimal with up to 15 digits there is one shortest spelling: its own, without zeros at the end.
  if (size < 1e11 && (size >= 1e-3 || value === 0) && !Object.is(value, -0)) {
    const scaled = size * 10_000;
    if (Math.trunc(scaled) === scaled && scaled / 10_000 === size) return writeScaled(output, at, value < 0, scaled);
  }
  return writeAscii(floatText(value), output, at);
};

/** decimal: a sign byte, then 1 to 4 words, lowest first. All `scale` digits are written. */
export function decimalWriter(precision: number, scale: number): ByteWriter {
  return (input, start, end, output, at) => {
    const sign = input[start] as number;
    if (sign > 1) throw new RowFormatError(`a decimal's sign is ${String(sign)}`);
    // Room for the sign, which zero has not.
    const first = at + 1 - sign;
    const last = writeMagnitude(input, start + 1, end, output, first, scale + 1);
    const from = firstDigit(output, first, last);
    if (last - from > precision && last - from > 1)
      throw new RowFormatError(`a decimal has more than ${String(precision)} digits`);
    if (sign === 1) return insertPoint(output, last, scale);
    if (output[from] !== 0x30) {
      output[at] = MINUS;
      return insertPoint(output, last, scale);
    }
    output.copyWithin(at, first, last);
    return insertPoint(output, last - 1, scale);
  };
}

function writeMagnitude(
  input: Buffer,
  start: number,
  end: number,
  output: Buffer,
  at: number,
  atLeast: number,
): number {
  const low = int32(input, start) >>> 0;
  if (end - start === 4) return writeDigits(output, at, low, atLeast);
  const second = int32(input, start + 4) >>> 0;
  const isShort = end - start === 8 || isZero(input, start + 8, end);
  if (isShort && second < SAFE_HIGH) return writeDigits(output, at, second * WORD + low, atLeast);
  if (isShort && atLeast <= 16) return writeTwoWords(output, at, second, low);
  four.fill(0);
  for (let index = 0; index * 4 < end - start; index += 1) four[index] = int32(input, start + index * 4) >>> 0;
  return writeWords(output, at, four, atLeast);
}

function isZero(input: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (input[at] !== 0) return false;
  return true;
}

/** Where the first digit that isn't a zero is, or the last digit. */
function firstDigit(output: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end - 1 && output[at] === 0x30) at += 1;
  return at;
}

function writeInt64(output: Buffer, at: number, high: number, low: number, scale: number): number {
  const atLeast = scale + 1;
  if (high >= -SAFE_HIGH && high < SAFE_HIGH)
    return insertPoint(output, writeSigned(output, at, high * WORD + low, atLeast), scale);
  // The magnitude: words of a negative number are those of its complement.
  const isNegative = high < 0;
  const lowWord = isNegative ? (~low + 1) >>> 0 : low;
  const highWord = isNegative ? (~high + (low === 0 ? 1 : 0)) >>> 0 : high;
  let first = at;
  if (isNegative) output[first++] = MINUS;
  return insertPoint(output, writeTwoWords(output, first, highWord, lowWord), scale);
}

/** An integer from 2^53 to 2^64 in two words. */
function writeTwoWords(output: Buffer, at: number, high: number, low: number): number {
  // The quotient is off by one at most; the remainder says so, for which 32 bits are enough.
  let quotient = Math.floor((high * WORD + low) / BILLION);
  let remainder = (low - Math.imul(quotient, BILLION)) | 0;
  if (remainder < 0) {
    quotient -= 1;
    remainder += BILLION;
  } else if (remainder >= BILLION) {
    quotient += 1;
    remainder -= BILLION;
  }
  const middle = writeDigits(output, at, quotient, 1);
  fillDigits(output, middle, middle + 9, remainder);
  return middle + 9;
}

function writeSigned(output: Buffer, at: number, value: number, atLeast: number): number {
  if (value >= 0) return writeDigits(output, at, value, atLeast);
  output[at] = MINUS;
  return writeDigits(output, at + 1, -value, atLeast);
}

// Four digits after the point, of which zeros at the end don't count.
function writeScaled(output: Buffer, at: number, isNegative: boolean, scaled: number): number {
  let first = at;
  if (isNegative) output[first++] = MINUS;
  const end = insertPoint(output, writeDigits(output, first, scaled, 5), 4);
  let last = end - 1;
  while (output[last] === 0x30) last -= 1;
  return output[last] === 0x2e ? last : last + 1;
}

function bit(input: Buffer, start: number): number {
  const value = input[start] as number;
  if (value > 1) throw new RowFormatError(`a bit is ${String(value)}`);
  return value;
}

export function int32(input: Buffer, at: number): number {
  return (
    (input[at] as number) |
    ((input[at + 1] as number) << 8) |
    ((input[at + 2] as number) << 16) |
    ((input[at + 3] as number) << 24)
  );
}
