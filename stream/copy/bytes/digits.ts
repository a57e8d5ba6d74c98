const ZERO = 0x30;
const EIGHT_DIGITS = 100_000_000;
/** Integers up to here are divided as 32-bit ones. */
const SMALL = 0x3fff_ffff;
/** Tens and ones of two digits. */
const TENS = Uint8Array.from({ length: 100 }, (_, value) => ZERO + Math.floor(value / 10));
const ONES = Uint8Array.from({ length: 100 }, (_, value) => ZERO + (value % 10));
const POWERS = Array.from({ length: 17 }, (_, digits) => 10 ** digits);

/** How many digits an integer from 0 to 2^53 has. */
export function digitCount(value: number): number {
  let count = value < EIGHT_DIGITS ? 1 : 9;
  while (count < 17 && value >= (POWERS[count] as number)) count += 1;
  return count;
}

/** Fills the place from `start` to `end` with the last digits of an integer from 0 to 2^53, and zeros before them. */
export function fillDigits(output: Buffer, start: number, end: number, value: number): void {
  let at = end;
  let rest = value;
  while (rest > SMALL) {
    const high = Math.floor(rest / EIGHT_DIGITS);
    let low = rest - high * EIGHT_DIGITS;
    for (let pair = 0; pair < 4; pair += 1) {
      const left = (low / 100) | 0;
      const two = low - left * 100;
      output[(at -= 1)] = ONES[two] as number;
      output[(at -= 1)] = TENS[two] as number;
      low = left;
    }
    rest = high;
  }
  let small = rest | 0;
  while (small >= 10 && at - 2 >= start) {
    const left = (small / 100) | 0;
    const two = small - left * 100;
    output[(at -= 1)] = ONES[two] as number;
    output[(at -= 1)] = TENS[two] as number;
    small = left;
  }
  if (at > start) output[(at -= 1)] = ZERO + (small % 10);
  while (at > start) output[(at -= 1)] = ZERO;
}

/** Writes two digits. */
export function writeTwo(output: Buffer, at: number, value: number): void {
  output[at] = TENS[value] as number;
  output[at + 1] = ONES[value] as number;
}

/** Writes an integer from 0 to 2^53 with at least so many digits; returns where it ends. */
export function writeDigits(output: Buffer, at: number, value: number, atLeast: number): number {
  const count = digitCount(value);
  const end = at + (count > atLeast ? count : atLeast);
  fillDigits(output, at, end, value);
  return end;
}

const MILLION = 1_000_000;
const WORD = 0x1_0000_0000;

/** The 128-bit integer whose words these are, lowest first, with at least so many digits; the words are used up. */
export function writeWords(output: Buffer, at: number, words: Uint32Array, atLeast: number): number {
  let group = scratch.length;
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
  while (group < scratch.length && scratch[group] === ZERO) group += 1;
  let end = at;
  for (let missing = atLeast - (scratch.length - group); missing > 0; missing -= 1) output[end++] = ZERO;
  while (group < scratch.length) output[end++] = scratch[group++] as number;
  return end;
}

/** 39 digits and the rest of their group. */
const scratch = Buffer.alloc(42);

/** Puts a point before the last `scale` digits of what ends there; returns the new end. */
export function insertPoint(output: Buffer, end: number, scale: number): number {
  if (scale === 0) return end;
  const point = end - scale;
  for (let at = end; at > point; at -= 1) output[at] = output[at - 1] as number;
  output[point] = 0x2e;
  return end + 1;
}
