import type { ReadText } from "../../../databases/sqlserver/rows/code-page";
import { REFUSED, type ByteWriter } from "./byte-writer";

const BACKSLASH = 0x5c;
/** By byte: 0 stands for itself, 1 cannot be stored, 2 is not ASCII, else what follows the backslash. */
const ESCAPES = new Uint8Array(256).fill(2, 128);
ESCAPES[0] = 1;
for (const [character, letter] of ["\\\\", "\nn", "\rr", "\tt"]) ESCAPES[codeOf(character)] = codeOf(letter);

/**
 * UTF-16 as UTF-8 with COPY's escapes. Refused: NUL, half of a surrogate pair, and more than `most` characters.
 * A byte order mark is left out when `marked`.
 */
export function utf16Writer(most: number, marked = false): ByteWriter {
  return (input, start, end, output, at) => {
    let from = start;
    if (marked && end - start >= 2 && input[start] === 0xff && input[start + 1] === 0xfe) from += 2;
    if ((end - from) >> 1 > most && characterCount(input, from, end) > most) return REFUSED;
    let next = at;
    for (;;) {
      // Nearly all of most texts.
      while (from < end && input[from + 1] === 0 && ESCAPES[input[from] as number] === 0) {
        output[next++] = input[from] as number;
        from += 2;
      }
      if (from >= end) return next;
      const unit = (input[from] as number) | ((input[from + 1] as number) << 8);
      from += 2;
      if (unit < 0x80) {
        const escape = ESCAPES[unit] as number;
        if (escape === 1) return REFUSED;
        output[next++] = BACKSLASH;
        output[next++] = escape;
      } else if (unit < 0x800) {
        output[next++] = 0xc0 | (unit >> 6);
        output[next++] = 0x80 | (unit & 0x3f);
      } else if ((unit & 0xf800) !== 0xd800) {
        output[next++] = 0xe0 | (unit >> 12);
        output[next++] = 0x80 | ((unit >> 6) & 0x3f);
        output[next++] = 0x80 | (unit & 0x3f);
      } else {
        if (unit >= 0xdc00 || from >= end) return REFUSED;
        const low = (input[from] as number) | ((input[from + 1] as number) << 8);
        if ((low & 0xfc00) !== 0xdc00) return REFUSED;
        from += 2;
        const point = 0x1_0000 + ((unit & 0x3ff) << 10) + (low & 0x3ff);
        output[next++] = 0xf0 | (point >> 18);
        output[next++] = 0x80 | ((point >> 12) & 0x3f);
        output[next++] = 0x80 | ((point >> 6) & 0x3f);
        output[next++] = 0x80 | (point & 0x3f);
      }
    }
  };
}

// Pairs count once: their second halves don't.
function characterCount(input: Buffer, start: number, end: number): number {
  let count = 0;
  for (let at = start + 1; at < end; at += 2) if (((input[at] as number) & 0xfc) !== 0xdc) count += 1;
  return count;
}

/** Of code pages whose characters are a byte each: `CP874`, `CP1250` to `CP1258`. */
export function isSingleByte(codePage: string | undefined): boolean {
  return /^CP(?:874|125\d)$/.test(codePage ?? "");
}

/** Text of a code page with a byte per character, with COPY's escapes. Refused: NUL and more than `most` characters. */
export function singleByteWriter(read: ReadText, most: number): ByteWriter {
  const upper = Array.from({ length: 128 }, (_, index) => Buffer.from(read(Buffer.of(128 + index), 0, 1)));
  return (input, start, end, output, at) => {
    if (end - start > most) return REFUSED;
    let next = at;
    for (let from = start; from < end; from += 1) {
      const byte = input[from] as number;
      const escape = ESCAPES[byte] as number;
      if (escape === 0) output[next++] = byte;
      else if (escape === 1) return REFUSED;
      else if (escape === 2) {
        const character = upper[byte - 0x80] as Buffer;
        for (let index = 0; index < character.length; index += 1) output[next++] = character[index] as number;
      } else {
        output[next++] = BACKSLASH;
        output[next++] = escape;
      }
    }
    return next;
  };
}

/** ASCII with COPY's escapes; a value with any other byte is left to the other writer, too long ones too. */
export function asciiWriter(most: number, other: ByteWriter): ByteWriter {
  return (input, start, end, output, at) => {
    if (end - start > most) return other(input, start, end, output, at);
    let next = at;
    for (let from = start; from < end; from += 1) {
      const byte = input[from] as number;
      const escape = ESCAPES[byte] as number;
      if (escape === 0) output[next++] = byte;
      else if (escape === 1) return REFUSED;
      else if (escape === 2) return other(input, start, end, output, at);
      else {
        output[next++] = BACKSLASH;
        output[next++] = escape;
      }
    }
    return next;
  };
}

const LOWER = digitsOf("0123456789abcdef");
const UPPER = digitsOf("0123456789ABCDEF");

/** Bytes as bytea: `\\x` and digits. */
export const writeBytea: ByteWriter = (input, start, end, output, at) => {
  output[at] = BACKSLASH;
  output[at + 1] = BACKSLASH;
  output[at + 2] = 0x78;
  return writeHex(input, start, end, output, at + 3);
};

/** Bytes as SQL Server prints them: `0x` and digits. */
export const writeHexText: ByteWriter = (input, start, end, output, at) => {
  output[at] = 0x30;
  output[at + 1] = 0x78;
  return writeHex(input, start, end, output, at + 2);
};

/** Lower-case hex digits. */
export const writeHex: ByteWriter = (input, start, end, output, at) => {
  let next = at;
  for (let from = start; from < end; from += 1) {
    const byte = input[from] as number;
    output[next] = LOWER.first[byte] as number;
    output[next + 1] = LOWER.second[byte] as number;
    next += 2;
  }
  return next;
};

/** Places of a uniqueidentifier's bytes in its text; a dash follows after these many. */
const GUID = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
const DASH_BEFORE = Uint8Array.from({ length: 16 }, (_, index) => ([4, 6, 8, 10].includes(index) ? 1 : 0));

export const writeGuid: ByteWriter = (input, start, _end, output, at) => {
  let next = at;
  for (let index = 0; index < 16; index += 1) {
    if (DASH_BEFORE[index] === 1) output[next++] = 0x2d;
    const byte = input[start + (GUID[index] as number)] as number;
    output[next] = UPPER.first[byte] as number;
    output[next + 1] = UPPER.second[byte] as number;
    next += 2;
  }
  return next;
};

function digitsOf(sixteen: string): { readonly first: Uint8Array; readonly second: Uint8Array } {
  const digits = Buffer.from(sixteen);
  return {
    first: Uint8Array.from({ length: 256 }, (_, byte) => digits[byte >> 4] ?? 0),
    second: Uint8Array.from({ length: 256 }, (_, byte) => digits[byte & 15] ?? 0),
  };
}

function codeOf(character: string | undefined): number {
  return character?.charCodeAt(0) ?? 0;
}
