import type { ReadText } from "../../../databases/sqlserver/rows/code-page";
import type { Memory } from "../../../databases/sqlserver/rows/memory";
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
    const { buffer: bytes } = input;
    let from = start;
    if (marked && end - start >= 2 && bytes[start] === 0xff && bytes[start + 1] === 0xfe) from += 2;
    if ((end - from) >> 1 > most && characterCount(bytes, from, end) > most) return REFUSED;
    const { buffer, view } = output;
    let next = at;
    for (;;) {
      // Nearly all of most texts.
      for (const last = end - 8; from <= last; from += 8, next += 4) {
        const two = input.view.getInt32(from, true);
        const more = input.view.getInt32(from + 4, true);
        const four = (two & 0xff) | ((two >>> 8) & 0xff00) | ((more & 0xff) << 16) | ((more & 0xff_0000) << 8);
        if (((two | more) & NOT_LATIN1) !== 0 || !isPlain(four)) break;
        view.setInt32(next, four, true);
      }
      while (from < end && bytes[from + 1] === 0 && ESCAPES[bytes[from] as number] === 0) {
        buffer[next++] = bytes[from] as number;
        from += 2;
      }
      if (from >= end) return next;
      const unit = input.view.getUint16(from, true);
      from += 2;
      if (unit < 0x80) {
        const escape = ESCAPES[unit] as number;
        if (escape === 1) return REFUSED;
        buffer[next++] = BACKSLASH;
        buffer[next++] = escape;
      } else if (unit < 0x800) {
        buffer[next++] = 0xc0 | (unit >> 6);
        buffer[next++] = 0x80 | (unit & 0x3f);
      } else if ((unit & 0xf800) !== 0xd800) {
        buffer[next++] = 0xe0 | (unit >> 12);
        buffer[next++] = 0x80 | ((unit >> 6) & 0x3f);
        buffer[next++] = 0x80 | (unit & 0x3f);
      } else {
        if (unit >= 0xdc00 || from >= end) return REFUSED;
        const low = input.view.getUint16(from, true);
        if ((low & 0xfc00) !== 0xdc00) return REFUSED;
        from += 2;
        const point = 0x1_0000 + ((unit & 0x3ff) << 10) + (low & 0x3ff);
        buffer[next++] = 0xf0 | (point >> 18);
        buffer[next++] = 0x80 | ((point >> 12) & 0x3f);
        buffer[next++] = 0x80 | ((point >> 6) & 0x3f);
        buffer[next++] = 0x80 | (point & 0x3f);
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
  const upper = Int32Array.from({ length: 128 }, (_, index) => packed(Buffer.from(read(Buffer.of(128 + index), 0, 1))));
  return (input, start, end, output, at) => {
    if (end - start > most) return REFUSED;
    const { buffer } = output;
    let from = start;
    let next = at;
    while (from < end) {
      const plain = plainEnd(input, from, end, output, next);
      next += plain - from;
      from = plain;
      for (const stop = Math.min(end, from + 4); from < stop; from += 1) {
        const byte = input.buffer[from] as number;
        const escape = ESCAPES[byte] as number;
        if (escape === 0) buffer[next++] = byte;
        else if (escape === 1) return REFUSED;
        else if (escape === 2) {
          for (let rest = upper[byte - 0x80] as number; rest !== 0; rest >>>= 8) buffer[next++] = rest & 0xff;
        } else {
          buffer[next++] = BACKSLASH;
          buffer[next++] = escape;
        }
      }
    }
    return next;
  };
}

/** Up to three bytes, none of them 0, the first one lowest. */
function packed(bytes: Buffer): number {
  return bytes.reduceRight((sum, byte) => (sum << 8) | byte, 0);
}

/** ASCII with COPY's escapes; a value with any other byte is left to the other writer, too long ones too. */
export function asciiWriter(most: number, other: ByteWriter): ByteWriter {
  return (input, start, end, output, at) => {
    if (end - start > most) return other(input, start, end, output, at);
    const { buffer } = output;
    let from = plainEnd(input, start, end, output, at);
    let next = at + from - start;
    for (; from < end; from += 1) {
      const byte = input.buffer[from] as number;
      const escape = ESCAPES[byte] as number;
      if (escape === 0) buffer[next++] = byte;
      else if (escape === 1) return REFUSED;
      else if (escape === 2) return other(input, start, end, output, at);
      else {
        buffer[next++] = BACKSLASH;
        buffer[next++] = escape;
      }
    }
    return next;
  };
}

/** Copies bytes that stand for themselves, four by four; returns where the first four begin that may not. */
function plainEnd(input: Memory, start: number, end: number, output: Memory, at: number): number {
  let from = start;
  for (const last = end - 4; from <= last; from += 4) {
    const four = input.view.getInt32(from, true);
    if (!isPlain(four)) break;
    output.view.setInt32(at + from - start, four, true);
  }
  return from;
}

/** Whether four bytes are ASCII that surely stands for itself: none is below a blank, above 0x7f or a backslash. */
function isPlain(four: number): boolean {
  const slashes = four ^ BACKSLASHES;
  return ((four | (four - BLANKS) | ((slashes - ONES) & ~slashes)) & HIGH_BITS) === 0;
}

/** The same byte four times. */
const BLANKS = 0x2020_2020;
const BACKSLASHES = 0x5c5c_5c5c;
const ONES = 0x0101_0101;
const HIGH_BITS = 0x8080_8080 | 0;
/** Bits of two UTF-16 units that ASCII has not. */
const NOT_LATIN1 = 0xff00_ff00 | 0;

/** Two digits of every byte, as a view writes them together: the higher one first. */
const LOWER = digitsOf("0123456789abcdef");
const UPPER = digitsOf("0123456789ABCDEF");

/** Bytes as bytea: `\\x` and digits. */
export const writeBytea: ByteWriter = (input, start, end, output, at) => {
  const { buffer } = output;
  buffer[at] = BACKSLASH;
  buffer[at + 1] = BACKSLASH;
  buffer[at + 2] = 0x78;
  return writeHex(input.buffer, start, end, output, at + 3);
};

/** Bytes as SQL Server prints them: `0x` and digits. */
export const writeHexText: ByteWriter = (input, start, end, output, at) => {
  const { buffer } = output;
  buffer[at] = 0x30;
  buffer[at + 1] = 0x78;
  return writeHex(input.buffer, start, end, output, at + 2);
};

/** Lower-case hex digits. */
export function writeHex(bytes: Buffer, start: number, end: number, { view }: Memory, at: number): number {
  let next = at;
  for (let from = start; from < end; from += 1, next += 2) view.setUint16(next, LOWER[bytes[from] as number] as number);
  return next;
}

/** Places of a uniqueidentifier's bytes in its text; a dash follows after these many. */
const GUID = Uint8Array.of(3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15);
const GUID_PLACES = Uint8Array.from(
  GUID,
  (_, index) => index * 2 + [4, 6, 8, 10].filter((dash) => index >= dash).length,
);
const DASH = 0x2d;

export const writeGuid: ByteWriter = ({ buffer }, start, _end, { view }, at) => {
  for (let index = 0; index < 16; index += 1) {
    const byte = buffer[start + (GUID[index] as number)] as number;
    view.setUint16(at + (GUID_PLACES[index] as number), UPPER[byte] as number);
  }
  for (let dash = 8; dash <= 23; dash += 5) view.setUint8(at + dash, DASH);
  return at + 36;
};

function digitsOf(sixteen: string): Uint16Array {
  const digits = Buffer.from(sixteen);
  return Uint16Array.from({ length: 256 }, (_, byte) => ((digits[byte >> 4] ?? 0) << 8) | (digits[byte & 15] ?? 0));
}

function codeOf(character: string | undefined): number {
  return character?.charCodeAt(0) ?? 0;
}
