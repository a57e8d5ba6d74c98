import { readUtf16, type ReadText } from "./code-page";
import { RowFormatError } from "./row-format-error";
import type { FixedValue } from "./values";

/** How one column's cells lie in a row. */
export interface Cell {
  /**
   * Where the cell at `at` ends. More than the buffer's length: so many bytes are needed to know, or to have it all.
   * @throws RowFormatError when its length is impossible.
   */
  readonly end: (buffer: Buffer, at: number) => number;
  /** Its value as exact text; null is NULL. The cell is all there. */
  readonly text: (buffer: Buffer, at: number) => string | null;
}

const NULL_LENGTH = 0xffff;
const PLP_NULL = 0xffff_ffff;
const PLP_UNKNOWN = 0xffff_fffe;
const WORD = 0x1_0000_0000;
/** Longest sql_variant: 8,000 bytes and its properties. */
const LONGEST_VARIANT = 8016;

/** Cells without a length. */
export function bareCell({ width, read }: FixedValue): Cell {
  return { end: (_buffer, at) => at + width, text: (buffer, at) => read(buffer, at, at + width) };
}

/** Cells with a byte of length in front, which is 0 (NULL) or the width. */
export function nullableCell({ width, read }: FixedValue): Cell {
  return {
    end: (buffer, at) => {
      if (at >= buffer.length) return at + 1;
      const length = buffer[at] ?? 0;
      if (length !== 0 && length !== width) throw wrongLength(length);
      return at + 1 + length;
    },
    text: (buffer, at) => (buffer[at] === 0 ? null : read(buffer, at + 1, at + 1 + width)),
  };
}

/** decimal: a sign and 1 to 4 words. */
export function decimalCell(width: number, read: ReadText): Cell {
  return {
    end: (buffer, at) => {
      if (at >= buffer.length) return at + 1;
      const length = buffer[at] ?? 0;
      if (length !== 0 && (length > width || length < 5 || length % 4 !== 1)) throw wrongLength(length);
      return at + 1 + length;
    },
    text: (buffer, at) => {
      const length = buffer[at] ?? 0;
      return length === 0 ? null : read(buffer, at + 1, at + 1 + length);
    },
  };
}

/** Cells with two bytes of length in front. */
export function shortCell(longest: number, read: ReadText): Cell {
  const unit = read === readUtf16 ? 2 : 1;
  return {
    end: (buffer, at) => {
      if (at + 2 > buffer.length) return at + 2;
      const length = buffer.readUInt16LE(at);
      if (length === NULL_LENGTH) return at + 2;
      if (length > longest || length % unit !== 0) throw wrongLength(length);
      return at + 2 + length;
    },
    text: (buffer, at) => {
      const length = buffer.readUInt16LE(at);
      return length === NULL_LENGTH ? null : read(buffer, at + 2, at + 2 + length);
    },
  };
}

/** sql_variant: four bytes of length in front. */
export function variantCell(read: ReadText): Cell {
  return {
    end: (buffer, at) => {
      if (at + 4 > buffer.length) return at + 4;
      const length = buffer.readUInt32LE(at);
      if (length > LONGEST_VARIANT || length === 1) throw wrongLength(length);
      return at + 4 + length;
    },
    text: (buffer, at) => {
      const length = buffer.readUInt32LE(at);
      return length === 0 ? null : read(buffer, at + 4, at + 4 + length);
    },
  };
}

/** text, ntext and image: a pointer (none is NULL) and a timestamp before the length. */
export function pointerCell(read: ReadText): Cell {
  const start = (buffer: Buffer, at: number): number => at + 1 + (buffer[at] ?? 0) + 8 + 4;
  return {
    end: (buffer, at) => {
      if (at >= buffer.length || buffer[at] === 0) return at + 1;
      const value = start(buffer, at);
      if (value > buffer.length) return value;
      return value + buffer.readUInt32LE(value - 4);
    },
    text: (buffer, at) => {
      if (buffer[at] === 0) return null;
      const value = start(buffer, at);
      return read(buffer, value, value + buffer.readUInt32LE(value - 4));
    },
  };
}

/** (max) types, xml and CLR types: the whole length, then chunks, then an empty chunk. */
export function chunkedCell(read: ReadText): Cell {
  return { end: chunkedEnd, text: (buffer, at) => chunkedText(buffer, at, read) };
}

function chunkedEnd(buffer: Buffer, at: number): number {
  if (at + 8 > buffer.length) return at + 8;
  const low = buffer.readUInt32LE(at);
  const high = buffer.readUInt32LE(at + 4);
  if (high === PLP_NULL && low === PLP_NULL) return at + 8;
  const isKnown = high !== PLP_NULL || low !== PLP_UNKNOWN;
  const total = high * WORD + low;
  if (isKnown && high > 0) throw wrongLength(total);
  let position = at + 8;
  for (let sum = 0; ;) {
    if (position + 4 > buffer.length) return isKnown ? Math.max(position + 4, position + total - sum) : position + 4;
    const length = buffer.readUInt32LE(position);
    position += 4 + length;
    sum += length;
    if (isKnown && sum > total) throw wrongLength(sum);
    if (length !== 0) continue;
    if (isKnown && sum !== total) throw wrongLength(sum);
    return position;
  }
}

function chunkedText(buffer: Buffer, at: number, read: ReadText): string | null {
  if (buffer.readUInt32LE(at + 4) === PLP_NULL && buffer.readUInt32LE(at) === PLP_NULL) return null;
  const chunks: Buffer[] = [];
  for (let position = at + 8; ;) {
    const length = buffer.readUInt32LE(position);
    if (length === 0) break;
    chunks.push(buffer.subarray(position + 4, position + 4 + length));
    position += 4 + length;
  }
  const [first = buffer.subarray(0, 0)] = chunks;
  const whole = chunks.length > 1 ? Buffer.concat(chunks) : first;
  if (read === readUtf16 && whole.length % 2 !== 0) throw wrongLength(whole.length);
  return read(whole, 0, whole.length);
}

function wrongLength(length: number): RowFormatError {
  return new RowFormatError(`a cell's length is impossible: ${String(length)}`);
}
