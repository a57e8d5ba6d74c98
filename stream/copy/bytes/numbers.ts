import type { Memory } from "../../../databases/sqlserver/rows/memory";
import { RowFormatError } from "../../../databases/sqlserver/rows/row-format-error";
import { floatText } from "../../../databases/sqlserver/rows/numbers";
import { writeAscii, type ByteWriter } from "./byte-writer";
import { fillDigits, insertPoint, writeDigits, writePointed, writeWords } from "./digits";

const MINUS = 0x2d;
const WORD = 0x1_0000_0000;
/** High words below it make integers that a double holds. */
const SAFE_HIGH = 0x20_0000;
const SAFE_DIGITS = 15;
const BILLION = 1_000_000_000;
const four = new Uint32Array(4);
const FIVES = Array.from({ length: 13 }, (_, digits) => 5 ** digits);
const POWERS = Array.from({ length: SAFE_DIGITS + 1 }, (_, digits) => 10 ** digits);

export const writeTinyInt: ByteWriter = (input, start, _end, output, at) =>
  writeDigits(output, at, input.view.getUint8(start), 1);

export const writeSmallInt: ByteWriter = (input, start, _end, output, at) =>
  writeSigned(output, at, input.view.getInt16(start, true), 0);

export const writeInt: ByteWriter = (input, start, _end, output, at) => writeSigned(output, at, int32(input, start), 0);

export const writeBigInt: ByteWriter = (input, start, _end, output, at) =>
  writeInt64(output, at, int32(input, start + 4), uint32(input, start), 0);

/** money: ten-thousandths, high word first. */
export const writeMoney: ByteWriter = (input, start, _end, output, at) =>
  writeInt64(output, at, int32(input, start), uint32(input, start + 4), 4);

export const writeSmallMoney: ByteWriter = (input, start, _end, output, at) =>
  writeSigned(output, at, int32(input, start), 4);

/** bit as PostgreSQL's boolean. */
export const writeBoolean: ByteWriter = (input, start, _end, output, at) => {
  output.buffer[at] = bit(input, start) === 1 ? 0x74 : 0x66;
  return at + 1;
};

export const writeBit: ByteWriter = (input, start, _end, output, at) => {
  output.buffer[at] = 0x30 + bit(input, start);
  return at + 1;
};

/** A double in the shortest text that is this double. */
export const writeFloat: ByteWriter = (input, start, _end, output, at) => {
  const value = input.view.getFloat64(start, true);
  const size = Math.abs(value);
  // Of a decimal with up to 15 digits there is one shortest spelling: its own, without zeros at the end.
  if (size < 1e11 && (size >= 1e-3 || value === 0) && !Object.is(value, -0)) {
    const scaled = size * 10_000;
    if (Math.trunc(scaled) === scaled && scaled / 10_000 === size) return writeScaled(output, at, value < 0, scaled);
  }
  return writeDyadic(output, at, value, size) ?? writeAscii(floatText(value), output, at);
};

/** Bits after the point. */
const DYADIC_BITS = 12;
const DYADIC = 2 ** DYADIC_BITS;
/** As many units of the last digit are less than 5 * 2^53. */
const MOST_UNITS = 4.5e16;

/**
 * A double with a few bits after the point has as many decimals as bits, the last one a 5. That is its shortest text
 * where no text with less decimals, which is 5 units away at least, comes within the half of the double's last place.
 */
function writeDyadic(output: Memory, at: number, value: number, size: number): number | undefined {
  const whole = Math.floor(size);
  let fraction = (size - whole) * DYADIC;
  if (fraction === 0 || Math.trunc(fraction) !== fraction) return undefined;
  let bits = DYADIC_BITS;
  for (; (fraction & 1) === 0; fraction >>= 1) bits -= 1;
  if (size * (POWERS[bits] as number) >= MOST_UNITS) return undefined;
  let first = at;
  if (value < 0) output.buffer[first++] = MINUS;
  const point = writeDigits(output, first, whole, 1);
  output.buffer[point] = 0x2e;
  fillDigits(output, point + 1, point + 1 + bits, fraction * (FIVES[bits] as number));
  return point + 1 + bits;
}

/** decimal: a sign byte, then 1 to 4 words, lowest first. All `scale` digits are written. */
export function decimalWriter(precision: number, scale: number): ByteWriter {
  const limit = POWERS[precision] ?? Number.POSITIVE_INFINITY;
  const large = largeDecimalWriter(precision, scale);
  if (scale > SAFE_DIGITS) return large;
  return (input, start, end, output, at) => {
    const second = end - start > 5 ? uint32(input, start + 5) : 0;
    if (second >= SAFE_HIGH || (end - start > 9 && !isZero(input, start + 9, end)))
      return large(input, start, end, output, at);
    const sign = signOf(input, start);
    const value = second * WORD + uint32(input, start + 1);
    if (value >= limit && value >= 10) throw tooLong(precision);
    if (sign === 1 || value === 0) return writePointed(output, at, value, scale);
    output.buffer[at] = MINUS;
    return writePointed(output, at + 1, value, scale);
  };
}

function largeDecimalWriter(precision: number, scale: number): ByteWriter {
  return (input, start, end, output, at) => {
    const sign = signOf(input, start);
    // Room for the sign, which zero has not.
    const first = at + 1 - sign;
    const last = writeMagnitude(input, start + 1, end, output, first, scale + 1);
    const from = firstDigit(output, first, last);
    if (last - from > precision && last - from > 1) throw tooLong(precision);
    if (sign === 1) return insertPoint(output, last, scale);
    const { buffer } = output;
    if (buffer[from] !== 0x30) {
      buffer[at] = MINUS;
      return insertPoint(output, last, scale);
    }
    buffer.copyWithin(at, first, last);
    return insertPoint(output, last - 1, scale);
  };
}

function signOf({ buffer }: Memory, start: number): number {
  const sign = buffer[start] as number;
  if (sign > 1) throw new RowFormatError(`a decimal's sign is ${String(sign)}`);
  return sign;
}

function tooLong(precision: number): RowFormatError {
  return new RowFormatError(`a decimal has more than ${String(precision)} digits`);
}

function writeMagnitude(
  input: Memory,
  start: number,
  end: number,
  output: Memory,
  at: number,
  atLeast: number,
): number {
  const low = uint32(input, start);
  if (end - start === 4) return writeDigits(output, at, low, atLeast);
  const second = uint32(input, start + 4);
  const isShort = end - start === 8 || isZero(input, start + 8, end);
  if (isShort && second < SAFE_HIGH) return writeDigits(output, at, second * WORD + low, atLeast);
  if (isShort && atLeast <= 16) return writeTwoWords(output, at, second, low);
  four.fill(0);
  for (let index = 0; index * 4 < end - start; index += 1) four[index] = uint32(input, start + index * 4);
  return writeWords(output, at, four, atLeast);
}

function isZero({ buffer }: Memory, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (buffer[at] !== 0) return false;
  return true;
}

/** Where the first digit that isn't a zero is, or the last digit. */
function firstDigit({ buffer }: Memory, start: number, end: number): number {
  let at = start;
  while (at < end - 1 && buffer[at] === 0x30) at += 1;
  return at;
}

function writeInt64(output: Memory, at: number, high: number, low: number, scale: number): number {
  if (high >= -SAFE_HIGH && high < SAFE_HIGH) return writeSigned(output, at, high * WORD + low, scale);
  // The magnitude: words of a negative number are those of its complement.
  const isNegative = high < 0;
  const lowWord = isNegative ? (~low + 1) >>> 0 : low;
  const highWord = isNegative ? (~high + (low === 0 ? 1 : 0)) >>> 0 : high;
  let first = at;
  if (isNegative) output.buffer[first++] = MINUS;
  return insertPoint(output, writeTwoWords(output, first, highWord, lowWord), scale);
}

/** An integer from 2^53 to 2^64 in two words. */
function writeTwoWords(output: Memory, at: number, high: number, low: number): number {
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

function writeSigned(output: Memory, at: number, value: number, scale: number): number {
  if (value >= 0) return writePointed(output, at, value, scale);
  output.buffer[at] = MINUS;
  return writePointed(output, at + 1, -value, scale);
}

// Four digits after the point, of which zeros at the end don't count.
function writeScaled(output: Memory, at: number, isNegative: boolean, scaled: number): number {
  const { buffer } = output;
  let first = at;
  if (isNegative) buffer[first++] = MINUS;
  let last = writePointed(output, first, scaled, 4) - 1;
  while (buffer[last] === 0x30) last -= 1;
  return buffer[last] === 0x2e ? last : last + 1;
}

function bit({ buffer }: Memory, start: number): number {
  const value = buffer[start] as number;
  if (value > 1) throw new RowFormatError(`a bit is ${String(value)}`);
  return value;
}

export function int32({ view }: Memory, at: number): number {
  return view.getInt32(at, true);
}

function uint32({ view }: Memory, at: number): number {
  return view.getUint32(at, true);
}
