import { RowFormatError } from "../../databases/sqlserver/rows/row-format-error";
import { wholeValue, type LocatedRow } from "../../databases/sqlserver/rows/row-reader";
import { REFUSED, roomFor } from "./bytes/byte-writer";
import { CarefulNeeded } from "./careful-needed";
import type { CopyOutput } from "./copy-output";
import { NULL_TEXT, type LineColumn } from "./line-plan";
import type { MetadataWriter } from "./metadata-writer";

const [TAB, NEWLINE, COMMA] = [0x09, 0x0a, 0x2c] as const;
const [OPEN, CLOSE] = [0x7b, 0x7d] as const;

/** Writes the staged lines of rows, value by value, as `RowEncoder` does for envelopes. */
export class LineWriter {
  private readonly unchanged: Int32Array;
  /** Bytes of a line besides its values. */
  private readonly fixedRoom: number;

  constructor(
    private readonly output: CopyOutput,
    private readonly columns: readonly LineColumn[],
    private readonly metadata: MetadataWriter,
  ) {
    this.unchanged = new Int32Array(columns.length);
    const texts = columns.map(({ constant, arrayItem }) => (constant?.length ?? 0) + arrayItem.length + 2);
    this.fixedRoom = texts.reduce((sum, length) => sum + length, metadata.room);
  }

  /** The whole row: an insert or a read. */
  full(row: LocatedRow): void {
    const { columns, output } = this;
    output.reserve(this.room(row));
    let { at } = output;
    const { buffer } = output;
    for (let index = 0; index < columns.length; index += 1) {
      at = valueOf(columns[index] as LineColumn, row, buffer, at);
      buffer[at++] = TAB;
    }
    this.finish(buffer, this.metadata.write(buffer, at), 0);
  }

  /** A delete: only the key counts. */
  key(row: LocatedRow): void {
    const { columns, output } = this;
    output.reserve(this.room(row));
    let { at } = output;
    const { buffer } = output;
    for (let index = 0; index < columns.length; index += 1) {
      const column = columns[index] as LineColumn;
      at =
        column.isKey || column.constant !== undefined ? valueOf(column, row, buffer, at) : copy(NULL_TEXT, buffer, at);
      buffer[at++] = TAB;
    }
    this.finish(buffer, this.metadata.write(buffer, at), 0);
  }

  /** An update that leaves the key alone; what wasn't sent with it is listed as unchanged. */
  update(row: LocatedRow, isSent: (column: LineColumn, row: LocatedRow) => boolean): void {
    const { columns, output } = this;
    output.reserve(this.room(row));
    let { at } = output;
    const { buffer } = output;
    let count = 0;
    for (let index = 0; index < columns.length; index += 1) {
      const column = columns[index] as LineColumn;
      if (column.constant !== undefined || isSent(column, row)) at = valueOf(column, row, buffer, at);
      else if (column.isKey) throw absent(column);
      else {
        this.unchanged[count++] = index;
        at = copy(NULL_TEXT, buffer, at);
      }
      buffer[at++] = TAB;
    }
    this.finish(buffer, this.metadata.write(buffer, at), count);
  }

  private finish(buffer: Buffer, start: number, count: number): void {
    let at = start;
    if (count === 0) at = copy(NULL_TEXT, buffer, at);
    else {
      for (let item = 0; item < count; item += 1) {
        buffer[at++] = item === 0 ? OPEN : COMMA;
        at = copy((this.columns[this.unchanged[item] as number] as LineColumn).arrayItem, buffer, at);
      }
      buffer[at++] = CLOSE;
    }
    buffer[at++] = NEWLINE;
    if (at > buffer.length) throw new RowFormatError("a line is longer than its values allow");
    this.output.at = at;
  }

  private room({ size }: LocatedRow): number {
    return roomFor(size, this.columns.length) + this.fixedRoom;
  }
}

function valueOf(column: LineColumn, row: LocatedRow, output: Buffer, at: number): number {
  const { index } = column;
  if (column.constant !== undefined) return copy(column.constant, output, at);
  const start = index < 0 ? REFUSED : (row.starts[index] as number);
  if (start < 0) {
    if (!column.mayBeNull) throw absent(column);
    return copy(NULL_TEXT, output, at);
  }
  const end = row.ends[index] as number;
  const next = end < 0 ? inPieces(column, row, output, at) : column.write(row.buffer, start, end, output, at);
  if (next < 0) throw new CarefulNeeded(`column "${column.name}" cannot hold a value`);
  return next;
}

function inPieces(column: LineColumn, row: LocatedRow, output: Buffer, at: number): number {
  const whole = wholeValue(row, column.index);
  return column.write(whole, 0, whole.length, output, at);
}

function absent({ name }: LineColumn): CarefulNeeded {
  return new CarefulNeeded(`column "${name}" is NULL or absent, which it cannot be`);
}

/** Copies a short text; returns where it ends. */
export function copy(text: Buffer, output: Buffer, at: number): number {
  for (let index = 0; index < text.length; index += 1) output[at + index] = text[index] as number;
  return at + text.length;
}
