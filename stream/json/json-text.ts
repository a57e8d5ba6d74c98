import type { ReadText } from "../../databases/sqlserver/rows/code-page";
import type { Memory } from "../../databases/sqlserver/rows/memory";
import type { ByteWriter } from "../copy/bytes/byte-writer";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** By byte: 0 stands for itself, 1 becomes `\u00…`, 2 is not ASCII, else what follows the backslash. */
const ESCAPES = new Uint8Array(256).fill(1, 0, 0x20).fill(2, 128);
for (const [character, letter] of ['""', "\\\\", "\bb", "\tt", "\nn", "\ff", "\rr"]) {
  ESCAPES[codeOf(character)] = codeOf(letter);
}
const DIGITS = Buffer.from("0123456789abcdef");
/** The same byte four times. */
const BLANKS = 0x2020_2020;
const QUOTES = 0x2222_2222;
const BACKSLASHES = 0x5c5c_5c5c;
const ONES = 0x0101_0101;
const HIGH_BITS = 0x8080_8080 | 0;
/** Bits of two UTF-16 units that ASCII has not. */
const NOT_LATIN1 = 0xff00_ff00 | 0;

/** UTF-16 as a JSON string in UTF-8, as `JSON.stringify` writes it. A byte order mark is left out when `marked`. */
export function utf16Writer(marked = false): ByteWriter {
  return (input, start, end, output, at) => {
    const { buffer: bytes } = input;
    const { buffer } = output;
    let from = start;
    if (marked && end - start >= 2 && bytes[start] === 0xff && bytes[start + 1] === 0xfe) from += 2;
    buffer[at] = QUOTE;
    let next = at + 1;
    for (;;) {
      // Nearly all of most texts.
      const plain = plainUtf16End(input, from, end, output, next);
      next += (plain - from) >> 1;
      from = plain;
      while (from < end && bytes[from + 1] === 0 && ESCAPES[bytes[from] as number] === 0) {
        buffer[next++] = bytes[from] as number;
        from += 2;
      }
      if (from >= end) break;
      const unit = input.view.getUint16(from, true);
      from += 2;
      if (unit < 0x80) {
        next = writeEscape(buffer, next, unit);
      } else if (unit < 0x800) {
        buffer[next++] = 0xc0 | (unit >> 6);
        buffer[next++] = 0x80 | (unit & 0x3f);
      } else if ((unit & 0xf800) !== 0xd800) {
        buffer[next++] = 0xe0 | (unit >> 12);
        buffer[next++] = 0x80 | ((unit >> 6) & 0x3f);
        buffer[next++] = 0x80 | (unit & 0x3f);
      } else {
        const low = from < end ? input.view.getUint16(from, true) : 0;
        if (unit < 0xdc00 && (low & 0xfc00) === 0xdc00) {
          from += 2;
          next = writePair(buffer, next, unit, low);
        } else {
          // Half of a pair is no character of UTF-8.
          next = writeUnit(buffer, next, unit);
        }
      }
    }
    buffer[next] = QUOTE;
    return next + 1;
  };
}

/** Text of a code page with a byte per character as a JSON string. */
export function singleByteWriter(read: ReadText): ByteWriter {
  const upper = Array.from({ length: 128 }, (_, index) => quoted(read(Buffer.of(128 + index), 0, 1)).subarray(1, -1));
  return (input, start, end, output, at) => {
    const { buffer } = output;
    buffer[at] = QUOTE;
    let next = at + 1;
    let from = start;
    while (from < end) {
      const plain = plainEnd(input, from, end, output, next);
      next += plain - from;
      from = plain;
      for (const stop = Math.min(end, from + 4); from < stop; from += 1) {
        const byte = input.buffer[from] as number;
        const escape = ESCAPES[byte] as number;
        if (escape === 0) buffer[next++] = byte;
        else if (escape === 2) {
          const character = upper[byte - 0x80] as Buffer;
          for (let index = 0; index < character.length; index += 1) buffer[next++] = character[index] as number;
        } else next = writeEscape(buffer, next, byte);
      }
    }
    buffer[next] = QUOTE;
    return next + 1;
  };
}

/** ASCII as a JSON string; a value with any other byte is left to the other writer. */
export function asciiWriter(other: ByteWriter): ByteWriter {
  return (input, start, end, output, at) => {
    const { buffer } = output;
    buffer[at] = QUOTE;
    let from = plainEnd(input, start, end, output, at + 1);
    let next = at + 1 + from - start;
    for (; from < end; from += 1) {
      const byte = input.buffer[from] as number;
      const escape = ESCAPES[byte] as number;
      if (escape === 0) buffer[next++] = byte;
      else if (escape === 2) return other(input, start, end, output, at);
      else next = writeEscape(buffer, next, byte);
    }
    buffer[next] = QUOTE;
    return next + 1;
  };
}

/** Any value by way of its exact text. */
export function textWriter(read: ReadText): ByteWriter {
  return (input, start, end, output, at) =>
    at + output.buffer.write(JSON.stringify(read(input.buffer, start, end)), at);
}

/** A text that needs no escapes, in quotes. */
export function quotedWriter(write: ByteWriter): ByteWriter {
  return (input, start, end, output, at) => {
    output.buffer[at] = QUOTE;
    const next = write(input, start, end, output, at + 1);
    output.buffer[next] = QUOTE;
    return next + 1;
  };
}

/** Copies UTF-16 units that stand for themselves, four by four; returns where the first four begin that may not. */
function plainUtf16End(input: Memory, start: number, end: number, output: Memory, at: number): number {
  let from = start;
  for (let next = at, last = end - 8; from <= last; from += 8, next += 4) {
    const two = input.view.getInt32(from, true);
    const more = input.view.getInt32(from + 4, true);
    const four = (two & 0xff) | ((two >>> 8) & 0xff00) | ((more & 0xff) << 16) | ((more & 0xff_0000) << 8);
    if (((two | more) & NOT_LATIN1) !== 0 || !isPlain(four)) break;
    output.view.setInt32(next, four, true);
  }
  return from;
}

/** The same of bytes. */
function plainEnd(input: Memory, start: number, end: number, output: Memory, at: number): number {
  let from = start;
  for (const last = end - 4; from <= last; from += 4) {
    const four = input.view.getInt32(from, true);
    if (!isPlain(four)) break;
    output.view.setInt32(at + from - start, four, true);
  }
  return from;
}

/** Whether four bytes are ASCII that surely stands for itself: none below a blank, above 0x7f, a quote or a backslash. */
function isPlain(four: number): boolean {
  const slashes = four ^ BACKSLASHES;
  const quotes = four ^ QUOTES;
  const found = four | (four - BLANKS) | ((slashes - ONES) & ~slashes) | ((quotes - ONES) & ~quotes);
  return (found & HIGH_BITS) === 0;
}

/** A text as a JSON string. */
export function quoted(text: string): Buffer {
  return Buffer.from(JSON.stringify(text));
}

function writeEscape(output: Buffer, at: number, unit: number): number {
  const escape = ESCAPES[unit] as number;
  if (escape === 0) {
    output[at] = unit;
    return at + 1;
  }
  if (escape === 1) return writeUnit(output, at, unit);
  output[at] = BACKSLASH;
  output[at + 1] = escape;
  return at + 2;
}

function writeUnit(output: Buffer, at: number, unit: number): number {
  output[at] = BACKSLASH;
  output[at + 1] = 0x75;
  for (let digit = 0; digit < 4; digit += 1) output[at + 2 + digit] = DIGITS[(unit >> (12 - 4 * digit)) & 15] as number;
  return at + 6;
}

function writePair(output: Buffer, at: number, high: number, low: number): number {
  const point = 0x1_0000 + ((high & 0x3ff) << 10) + (low & 0x3ff);
  output[at] = 0xf0 | (point >> 18);
  output[at + 1] = 0x80 | ((point >> 12) & 0x3f);
  output[at + 2] = 0x80 | ((point >> 6) & 0x3f);
  output[at + 3] = 0x80 | (point & 0x3f);
  return at + 4;
}

function codeOf(character: string | undefined): number {
  return character?.charCodeAt(0) ?? 0;
}
