import type { ReadText } from "../../../databases/sqlserver/rows/code-page";
import type { Memory } from "../../../databases/sqlserver/rows/memory";
import type { Codec } from "../../encode/codec";

/**
 * Writes the value in `input` from `start` to `end` as COPY text into `output` at `at`, where {@link roomFor} it is.
 * Returns where the text ends, or {@link REFUSED}.
 * @throws RowFormatError when the bytes are no value of the column's type.
 */
export type ByteWriter = (input: Memory, start: number, end: number, output: Memory, at: number) => number;

/** The column cannot hold the value: careful mode says why. */
export const REFUSED = -1;

/** Bytes of text that no value of a fixed width exceeds. */
const LONGEST_FIXED = 64;
/** Bytes of COPY text that a byte of a value can become. */
const GROWTH = 3;

/** Bytes that the text of values may take, which together have so many bytes. */
export function roomFor(bytes: number, values: number): number {
  return bytes * GROWTH + values * LONGEST_FIXED;
}

/** Any value by way of its exact text and the codec of its column. */
export function codecWriter(read: ReadText, codec: Codec): ByteWriter {
  return (input, start, end, output, at) => {
    const text = codec.encode(read(input.buffer, start, end));
    return text === undefined ? REFUSED : at + output.buffer.write(text, at);
  };
}

/** A value whose text needs no codec, in ASCII. */
export function plainWriter(read: ReadText): ByteWriter {
  return (input, start, end, output, at) => writeAscii(read(input.buffer, start, end), output, at);
}

/** Writes a short text of ASCII; returns where it ends. */
export function writeAscii(text: string, { buffer }: Memory, at: number): number {
  for (let index = 0; index < text.length; index += 1) buffer[at + index] = text.charCodeAt(index);
  return at + text.length;
}
