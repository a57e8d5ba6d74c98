import { readUtf16, type ReadText } from "./code-page";
import { RowFormatError } from "./row-format-error";
import { readXml, type FixedValue } from "./values";

/** How a column's cells tell their length. */
export const CELL_FORM = { bare: 0, nullable: 1, decimal: 2, short: 3, long: 4, nothing: 5 } as const;

/** How one column's cells lie in a row, and what they hold. */
export interface Cell {
  readonly form: (typeof CELL_FORM)[keyof typeof CELL_FORM];
  /** Bytes of a value; the most of them where values differ in length, 0 when nothing limits them. */
  readonly size: number;
  /** Bytes that belong together: 2 in UTF-16. */
  readonly unit: number;
  /** Of the form `long`. */
  readonly long?: LongCell;
  /** Exact text of a value's bytes. */
  readonly read: ReadText;
}

/** Cells that need more than a look at their first two bytes. */
export interface LongCell {
  /**
   * Where the cell at `at` ends. More than the buffer's length: so many bytes are needed to know, or to have it all.
   * @throws RowFormatError when its length is impossible.
   */
  readonly end: (buffer: Buffer, at: number) => number;
  /** Where the value of a cell that is all there starts, {@link IS_NULL} or {@link IN_PIECES}. */
  readonly start: (buffer: Buffer, at: number, end: number) => number;
  /** Bytes of the cell after its value. */
  readonly tail: number;
}

/** In place of a value's start. */
export const IS_NULL = -1;
/** In place of a value's end, or of a start within {@link LongCell}: the value lies in several chunks. */
export const IN_PIECES = -2;

const PLP_NULL = 0xffff_ffff;
const PLP_UNKNOWN = 0xffff_fffe;
const WORD = 0x1_0000_0000;
/** Longest sql_variant: 8,000 bytes and its properties. */
const LONGEST_VARIANT = 8016;
/** Of a chunked value that is one chunk: the whole length and the chunk's before it, the empty chunk behind. */
const CHUNK_HEAD = 12;
const CHUNK_TAIL = 4;

/** Cells without a length. */
export function bareCell({ width, read }: FixedValue): Cell {
  return { form: CELL_FORM.bare, size: width, unit: 1, read };
}

/** Cells with a byte of length in front, which is 0 (NULL) or the width. */
export function nullableCell({ width, read }: FixedValue): Cell {
  return { form: CELL_FORM.nullable, size: width, unit: 1, read };
}

/** decimal: a byte of length, a sign and 1 to 4 words. */
export function decimalCell(width: number, read: ReadText): Cell {
  return { form: CELL_FORM.decimal, size: width, unit: 4, read };
}

/** Cells with two bytes of length in front. */
export function shortCell(longest: number, read: ReadText): Cell {
  return { form: CELL_FORM.short, size: longest, unit: unitOf(read), read };
}

/** A column without values. */
export function nothingCell(): Cell {
  return { form: CELL_FORM.nothing, size: 0, unit: 1, read: () => "" };
}

/** sql_variant: four bytes of length in front. */
export function variantCell(read: ReadText): Cell {
  const end = (buffer: Buffer, at: number): number => {
    if (at + 4 > buffer.length) return at + 4;
    const length = buffer.readUInt32LE(at);
    if (length > LONGEST_VARIANT || length === 1) throw wrongLength(length);
    return at + 4 + length;
  };
  const start = (_buffer: Buffer, at: number, cellEnd: number): number => (cellEnd === at + 4 ? IS_NULL : at + 4);
  return longCell({ end, start, tail: 0 }, read);
}

/** text, ntext and image: a pointer (none is NULL) and a timestamp before the length. */
export function pointerCell(read: ReadText): Cell {
  const valueAt = (buffer: Buffer, at: number): number => at + 1 + (buffer[at] ?? 0) + 8 + 4;
  const end = (buffer: Buffer, at: number): number => {
    if (at >= buffer.length || buffer[at] === 0) return at + 1;
    const value = valueAt(buffer, at);
    if (value > buffer.length) return value;
    return value + buffer.readUInt32LE(value - 4);
  };
  const start = (buffer: Buffer, at: number): number => (buffer[at] === 0 ? IS_NULL : valueAt(buffer, at));
  return longCell({ end, start, tail: 0 }, read);
}

/** (max) types, xml and CLR types: the whole length, then chunks, then an empty chunk. */
export function chunkedCell(read: ReadText): Cell {
  return longCell({ end: chunkedEnd, start: chunkedStart, tail: CHUNK_TAIL }, read);
}

function longCell(long: LongCell, read: ReadText): Cell {
  return { form: CELL_FORM.long, size: 0, unit: unitOf(read), long, read };
}

function unitOf(read: ReadText): number {
  return read === readUtf16 || read === readXml ? 2 : 1;
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

function chunkedStart(buffer: Buffer, at: number, end: number): number {
  // NULL has no chunk at all, an empty value has the empty one.
  if (end === at + 8) return IS_NULL;
  if (end === at + CHUNK_HEAD) return at + 8;
  return at + CHUNK_HEAD + buffer.readUInt32LE(at + 8) + CHUNK_TAIL === end ? at + CHUNK_HEAD : IN_PIECES;
}

/** The value of a cell in pieces, in one piece. */
export function joinChunks(buffer: Buffer, at: number): Buffer {
  const chunks: Buffer[] = [];
  for (let position = at + 8; ;) {
    const length = buffer.readUInt32LE(position);
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(buffer.subarray(position + 4, position + 4 + length));
    position += 4 + length;
  }
}

export function wrongLength(length: number): RowFormatError {
  return new RowFormatError(`a cell's length is impossible: ${String(length)}`);
}
