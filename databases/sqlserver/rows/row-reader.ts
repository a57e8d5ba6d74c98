import type { ReadText } from "./code-page";
import { viewOf, type Memory } from "./memory";
import { CELL_FORM, IN_PIECES, IS_NULL, joinChunks, wrongLength, type Cell } from "./cells";

/** A row's values as exact text by column; null is NULL. */
export type ExactRow = readonly (string | null)[];

/** Where a row's values are. Good until the next row is located; the bytes themselves never change. */
export interface LocatedRow extends Memory {
  /** Bytes of the whole row. */
  readonly size: number;
  /** Where each value starts; below 0: NULL. */
  readonly starts: Int32Array;
  /** Where each value ends; below 0: it lies in chunks, see {@link wholeValue}. */
  readonly ends: Int32Array;
}

const NULL_LENGTH = 0xffff;

/** Takes ROW and NBCROW tokens apart: first where each value is, then what it is. */
export class RowReader implements LocatedRow {
  buffer: Buffer = Buffer.alloc(0);
  view = viewOf(this.buffer);
  size = 0;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  private readonly forms: Uint8Array;
  private readonly sizes: Int32Array;
  private readonly units: Uint8Array;
  private readonly bitmapBytes: number;

  constructor(private readonly cells: readonly Cell[]) {
    this.starts = new Int32Array(cells.length);
    this.ends = new Int32Array(cells.length);
    this.forms = Uint8Array.from(cells, ({ form }) => form);
    this.sizes = Int32Array.from(cells, ({ size }) => size);
    this.units = Uint8Array.from(cells, ({ unit }) => unit);
    this.bitmapBytes = Math.ceil(cells.length / 8);
  }

  /**
   * Finds the values of the row after the token byte at `at`. Returns where the row ends: more than the buffer's length
   * means that the row isn't all there, and how long the buffer must be at least for another try.
   * @throws RowFormatError when the bytes are no row.
   */
  locate(buffer: Buffer, at: number, hasBitmap: boolean): number {
    const { starts, ends, forms, sizes, units } = this;
    const { length } = buffer;
    const bitmap = at + 1;
    let position = hasBitmap ? bitmap + this.bitmapBytes : bitmap;
    if (position > length) return position;
    for (let index = 0; index < forms.length; index += 1) {
      if (hasBitmap && ((buffer[bitmap + (index >> 3)] as number) & (1 << (index & 7))) !== 0) {
        starts[index] = IS_NULL;
        continue;
      }
      const size = sizes[index] as number;
      let start = position;
      switch (forms[index]) {
        case CELL_FORM.bare:
          position += size;
          break;
        case CELL_FORM.nullable:
        case CELL_FORM.decimal: {
          if (position >= length) return position + 1;
          const bytes = buffer[position] as number;
          const isRight = forms[index] === CELL_FORM.decimal ? isDecimal(bytes, size) : bytes === size;
          if (bytes !== 0 && !isRight) throw wrongLength(bytes);
          start = bytes === 0 ? IS_NULL : position + 1;
          position += 1 + bytes;
          break;
        }
        case CELL_FORM.short: {
          if (position + 2 > length) return position + 2;
          const bytes = (buffer[position] as number) | ((buffer[position + 1] as number) << 8);
          position += 2;
          if (bytes === NULL_LENGTH) {
            start = IS_NULL;
            break;
          }
          if (bytes > size || (units[index] === 2 && (bytes & 1) !== 0)) throw wrongLength(bytes);
          start = position;
          position += bytes;
          break;
        }
        case CELL_FORM.long:
          position = this.locateLong(buffer, position, index);
          if (position > length) return position;
          continue;
        default:
          start = IS_NULL;
      }
      if (position > length) return position;
      starts[index] = start;
      ends[index] = position;
    }
    if (this.buffer !== buffer) {
      this.buffer = buffer;
      this.view = viewOf(buffer);
    }
    this.size = position - at;
    return position;
  }

  /** The values of the row that was located last. */
  values(): ExactRow {
    const { cells } = this;
    const row = new Array<string | null>(cells.length);
    for (let index = 0; index < cells.length; index += 1) row[index] = textOf((cells[index] as Cell).read, this, index);
    return row;
  }

  private locateLong(buffer: Buffer, at: number, index: number): number {
    const { long, unit } = this.cells[index] as Required<Cell>;
    const end = long.end(buffer, at);
    if (end > buffer.length) return end;
    const start = long.start(buffer, at, end);
    this.starts[index] = start === IN_PIECES ? at : start;
    this.ends[index] = start === IN_PIECES ? IN_PIECES : end - long.tail;
    if (start >= 0 && (end - long.tail - start) % unit !== 0) throw wrongLength(end - long.tail - start);
    if (start === IN_PIECES && unit > 1) {
      const { length } = joinChunks(buffer, at);
      if (length % unit !== 0) throw wrongLength(length);
    }
    return end;
  }
}

/** A sign and words, of which there may be fewer than the precision needs. */
function isDecimal(bytes: number, size: number): boolean {
  return bytes >= 5 && bytes <= size && bytes % 4 === 1;
}

/** The bytes of a value that lies in chunks, in one piece. */
export function wholeValue({ buffer, starts }: Pick<LocatedRow, "buffer" | "starts">, index: number): Buffer {
  return joinChunks(buffer, starts[index] as number);
}

/** Exact text of a row's value; null is NULL. */
export function textOf(read: ReadText, row: Omit<LocatedRow, "view">, index: number): string | null {
  const start = row.starts[index] as number;
  const end = row.ends[index] as number;
  if (start < 0) return null;
  if (end >= 0) return read(row.buffer, start, end);
  const whole = wholeValue(row, index);
  return read(whole, 0, whole.length);
}
