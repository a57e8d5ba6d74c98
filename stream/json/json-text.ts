import type { ReadText } from "../../databases/sqlserver/rows/code-page";
import type { ByteWriter } from "../copy/bytes/byte-writer";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** By byte: 0 stands for itself, 1 becomes `\u00…`, 2 is not ASCII, else what follows the backslash. */
const ESCAPES = new Uint8Array(256).fill(1, 0, 0x20).fill(2, 128);
for (const [character, letter] of ['""', "\\\\", "\bb", "\tt", "\nn", "\ff", "\rr"]) {
  ESCAPES[codeOf(character)] = codeOf(letter);
}
const DIGITS = Buffer.from("0123456789abcdef");

/** UTF-16 as a JSON string in UTF-8, as `JSON.stringify` writes it. A byte order mark is left out when `marked`. */
export function utf16Writer(marked = false): ByteWriter {
  return (input, start, end, output, at) => {
    let from = start;
    if (marked && end - start >= 2 && input[start] === 0xff && input[start + 1] === 0xfe) from += 2;
    output[at] = QUOTE;
    let next = at + 1;
    for (;;) {
      // Nearly all of most texts.
      while (from < end && input[from + 1] === 0 && ESCAPES[input[from] as number] === 0) {
        output[next++] = input[from] as number;
        from += 2;
      }
      if (from >= end) break;
      const unit = (input[from] as number) | ((input[from + 1] as number) << 8);
      from += 2;
      if (unit < 0x80) {
        next = writeEscape(output, next, unit);
      } else if (unit < 0x800) {
        output[next++] = 0xc0 | (unit >> 6);
        output[next++] = 0x80 | (unit & 0x3f);
      } else if ((unit & 0xf800) !== 0xd800) {
        output[next++] = 0xe0 | (unit >> 12);
        output[next++] = 0x80 | ((unit >> 6) & 0x3f);
        output[next++] = 0x80 | (unit & 0x3f);
      } else {
        const low = from < end ? (input[from] as number) | ((input[from + 1] as number) << 8) : 0;
        if (unit < 0xdc00 && (low & 0xfc00) === 0xdc00) {
          from += 2;
          next = writePair(output, next, unit, low);
        } else {
          // Half of a pair is no character of UTF-8.
          next = writeUnit(output, next, unit);
        }
      }
    }
    output[next] = QUOTE;
    return next + 1;
  };
}

/** Text of a code page with a byte per character as a JSON string. */
export function singleByteWriter(read: ReadText): ByteWriter {
  const upper = Array.from({ length: 128 }, (_, index) => quoted(read(Buffer.of(128 + index), 0, 1)).subarray(1, -1));
  return (input, start, end, output, at) => {
    output[at] = QUOTE;
    let next = at + 1;
    for (let from = start; from < end; from += 1) {
      const byte = input[from] as number;
      const escape = ESCAPES[byte] as number;
      if (escape === 0) output[next++] = byte;
      else if (escape === 2) {
        const character = upper[byte - 0x80] as Buffer;
        for (let index = 0; index < character.length; index += 1) output[next++] = character[index] as number;
      } else next = writeEscape(output, next, byte);
    }
    output[next] = QUOTE;
    return next + 1;
  };
}

/** ASCII as a JSON string; a value with any other byte is left to the other writer. */
export function asciiWriter(other: ByteWriter): ByteWriter {
  return (input, start, end, output, at) => {
    output[at] = QUOTE;
    let next = at + 1;
    for (let from = start; from < end; from += 1) {
      const byte = input[from] as number;
      const escape = ESCAPES[byte] as number;
      if (escape === 0) output[next++] = byte;
      else if (escape === 2) return other(input, start, end, output, at);
      else next = writeEscape(output, next, byte);
    }
    output[next] = QUOTE;
    return next + 1;
  };
}

/** Any value by way of its exact text. */
export function textWriter(read: ReadText): ByteWriter {
  return (input, start, end, output, at) => at + output.write(JSON.stringify(read(input, start, end)), at);
}

/** A text that needs no escapes, in quotes. */
export function quotedWriter(write: ByteWriter): ByteWriter {
  return (input, start, end, output, at) => {
    output[at] = QUOTE;
    const next = write(input, start, end, output, at + 1);
    output[next] = QUOTE;
    return next + 1;
  };
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
