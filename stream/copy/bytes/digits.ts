import { memoryOf, type Memory } from "../../../databases/sqlserver/rows/memory";

const ZERO = 0x30;
const POINT = 0x2e;
const EIGHT_DIGITS = 100_000_000;
/** Integers up to here are divided as 32-bit ones. */
const SMALL = 0x3fff_ffff;
/** Two digits, as a view writes them together: tens first. */
const PAIRS = Uint16Array.from(
  { length: 100 },
  (_, value) => ZERO + Math.floor(value / 10) + ((ZERO + (value % 10)) << 8),
);
const POWERS = Array.from({ length: 17 }, (_, digits) => 10 ** digits);

/** How many digits an integer from 0 to 2^53 has. */
function digitCount(value: number): number {
  if (value < 10_000) return value < 100 ? (value < 10 ? 1 : 2) : value < 1000 ? 3 : 4;
  if (value < EIGHT_DIGITS) return value < 1_000_000 ? (value < 100_000 ? 5 : 6) : value < 10_000_000 ? 7 : 8;
  let count = 9;
  while (count < 17 && value >= (POWERS[count] as number)) count += 1;
  return count;
}

/** Fills the place from `start` to `end` with the last digits of an integer from 0 to 2^53, and zeros before them. */
export function fillDigits({ view }: Memory, start: number, end: number, value: number): void {
  let at = end;
  let rest = value;
  while (rest > SMALL) {
    const high = Math.floor(rest / EIGHT_DIGITS);
    let low = (rest - high * EIGHT_DIGITS) | 0;
    for (let pair = 0; pair < 4; pair += 1) {
      const left = (low / 100) | 0;
      view.setUint16((at -= 2), PAIRS[low - left * 100] as number, true);
      low = left;
    }
    rest = high;
  }
  let small = rest | 0;
  while (at - 2 >= start) {
    const left = (small / 100) | 0;
    view.setUint16((at -= 2), PAIRS[small - left * 100] as number, true);
    small = left;
  }
  if (at > start) view.setUint8(start, ZERO + (small % 10));
}

/** Writes two digits. */
export function writeTwo({ view }: Memory, at: number, value: number): void {
  view.setUint16(at, PAIRS[value] as number, true);
}

/** Writes an integer from 0 to 2^53 with at least so many digits; returns where it ends. */
export function writeDigits(output: Memory, at: number, value: number, atLeast: number): number {
  const count = digitCount(value);
  const end = at + (count > atLeast ? count : atLeast);
  fillDigits(output, at, end, value);
  return end;
}

/** Writes an integer from 0 to 2^53 with a point before its last `scale` digits, at most 15; returns where it ends. */
export function writePointed(output: Memory, at: number, value: number, scale: number): number {
  if (scale === 0) return writeDigits(output, at, value, 1);
  const power = POWERS[scale] as number;
  // Near 2^53 the quotient may be rounded up.
  let whole = Math.floor(value / power);
  if (whole * power > value) whole -= 1;
  const point = writeDigits(output, at, whole, 1);
  output.view.setUint8(point, POINT);
  fillDigits(output, point + 1, point + 1 + scale, value - whole * power);
  return point + 1 + scale;
}

const MILLION = 1_000_000;
const WORD = 0x1_0000_0000;

/** The 128-bit integer whose words these are, lowest first, with at least so many digits; the words are used up. */
export function writeWords({ buffer }: Memory, at: number, words: Uint32Array, atLeast: number): number {
  const digits = scratch.buffer;
  let group = digits.length;
  let high = words.length;
  for (;;) {
    while (high > 0 && words[high - 1] === 0) high -= 1;
    if (high === 0) break;
    // A remainder below a million and a word make an integer that a double holds.
    let remainder = 0;
    for (let index = high - 1; index >= 0; index -= 1) {
      const part = remainder * WORD + (words[index] as number);
      const quotient = Math.floor(part / MILLION);
      words[index] = quotient;
      remainder = part - quotient * MILLION;
    }
    fillDigits(scratch, group - 6, group, remainder);
    group -= 6;
  }
  while (group < digits.length && digits[group] === ZERO) group += 1;
  let end = at;
  for (let missing = atLeast - (digits.length - group); missing > 0; missing -= 1) buffer[end++] = ZERO;
  while (group < digits.length) buffer[end++] = digits[group++] as number;
  return end;
}

/** 39 digits and the rest of their group. */
const scratch = memoryOf(Buffer.alloc(42));

/** Puts a point before the last `scale` digits of what ends there; returns the new end. */
export function insertPoint({ buffer }: Memory, end: number, scale: number): number {
  if (scale === 0) return end;
  const point = end - scale;
  for (let at = end; at > point; at -= 1) buffer[at] = buffer[at - 1] as number;
  buffer[point] = POINT;
  return end + 1;
}
