import type { Cell } from "./cells";

/** A row's values as exact text by column; null is NULL. */
export type ExactRow = readonly (string | null)[];

/** Takes ROW and NBCROW tokens apart: first where each cell is, then what it holds. */
export class RowReader {
  private readonly starts: Int32Array;
  private readonly bitmapBytes: number;

  constructor(private readonly cells: readonly Cell[]) {
    this.starts = new Int32Array(cells.length);
    this.bitmapBytes = Math.ceil(cells.length / 8);
  }

  /**
   * Finds the cells of the row after the token byte at `at`. Returns where the row ends: more than the buffer's length
   * means that the row isn't all there, and how long the buffer must be at least for another try.
   * @throws RowFormatError when the bytes are no row.
   */
  locate(buffer: Buffer, at: number, hasBitmap: boolean): number {
    const { cells, starts } = this;
    const bitmap = at + 1;
    let position = hasBitmap ? bitmap + this.bitmapBytes : bitmap;
    if (position > buffer.length) return position;
    for (let index = 0; index < cells.length; index += 1) {
      if (hasBitmap && ((buffer[bitmap + (index >> 3)] ?? 0) & (1 << (index & 7))) !== 0) {
        starts[index] = -1;
        continue;
      }
      starts[index] = position;
      position = (cells[index] as Cell).end(buffer, position);
      if (position > buffer.length) return position;
    }
    return position;
  }

  /** The values of the row that was located last. */
  values(buffer: Buffer): ExactRow {
    const { cells, starts } = this;
    const row = new Array<string | null>(cells.length);
    for (let index = 0; index < cells.length; index += 1) {
      const start = starts[index] as number;
      row[index] = start < 0 ? null : (cells[index] as Cell).text(buffer, start);
    }
    return row;
  }
}
