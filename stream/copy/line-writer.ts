import { RowFormatError } from "../../databases/sqlserver/rows/row-format-error";
import { memoryOf } from "../../databases/sqlserver/rows/memory";
import { wholeValue, type LocatedRow } from "../../databases/sqlserver/rows/row-reader";
import { REFUSED, roomFor, type ByteWriter } from "./bytes/byte-writer";
import { CarefulNeeded } from "./careful-needed";
import type { CopyOutput } from "./copy-output";
import { NULL_TEXT, type LineColumn } from "./line-plan";
import type { MetadataWriter } from "./metadata-writer";

const [TAB, NEWLINE, COMMA] = [0x09, 0x0a, 0x2c] as const;
const [OPEN, CLOSE] = [0x7b, 0x7d] as const;

/** Writes the staged lines of rows, value by value, as `RowEncoder` does for envelopes. */
export class LineWriter {
  private readonly unchanged: Int32Array;
  /** Of each column: its place in the row, below 0 when its value isn't there, and its writer. */
  private readonly places: Int32Array;
  private readonly writes: readonly ByteWriter[];
  /** No value of an update depends on its mask. */
  private readonly isAlwaysSent: boolean;
  /** Bytes of a line besides its values. */
  private readonly fixedRoom: number;

  constructor(
    private readonly output: CopyOutput,
    private readonly columns: readonly LineColumn[],
    private readonly metadata: MetadataWriter,
  ) {
    this.unchanged = new Int32Array(columns.length);
    this.places = Int32Array.from(columns, ({ constant, index }) => (constant === undefined ? index : REFUSED));
    this.writes = columns.map(({ write }) => write);
    this.isAlwaysSent = columns.every(
      ({ constant, index, maskOrdinal }) => constant !== undefined || (index >= 0 && maskOrdinal === 0),
    );
    const texts = columns.map(({ constant, arrayItem }) => (constant?.length ?? 0) + arrayItem.length + 2);
    this.fixedRoom = texts.reduce((sum, length) => sum + length, metadata.room);
  }

  /** The whole row: an insert or a read. */
  full(row: LocatedRow): void {
    const { output } = this;
    output.reserve(this.room(row));
    const at = this.values(row, output.at);
    this.finish(output.buffer, this.metadata.write(output, at), 0);
  }

  /** All values, each with a tab behind it; returns where they end. */
  private values(row: LocatedRow, start: number): number {
    const { columns, places, writes, output } = this;
    const { buffer } = output;
    const { starts, ends } = row;
    let at = start;
    for (let index = 0; index < places.length; index += 1) {
      const place = places[index] as number;
      const from = place < 0 ? REFUSED : (starts[place] as number);
      const to = from < 0 ? REFUSED : (ends[place] as number);
      // Most values; the others are NULL, in pieces, or not in the row.
      const next = to < 0 ? REFUSED : (writes[index] as ByteWriter)(row, from, to, output, at);
      at = next < 0 ? valueOf(columns[index] as LineColumn, row, output, at) : next;
      buffer[at++] = TAB;
    }
    return at;
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
        column.isKey || column.constant !== undefined ? valueOf(column, row, output, at) : copy(NULL_TEXT, buffer, at);
      buffer[at++] = TAB;
    }
    this.finish(buffer, this.metadata.write(output, at), 0);
  }

  /** An update that leaves the key alone; what wasn't sent with it is listed as unchanged. */
  update(row: LocatedRow, isSent: (column: LineColumn, row: LocatedRow) => boolean): void {
    if (this.isAlwaysSent) {
      this.full(row);
      return;
    }
    const { columns, output } = this;
    output.reserve(this.room(row));
    let { at } = output;
    const { buffer } = output;
    let count = 0;
    for (let index = 0; index < columns.length; index += 1) {
      const column = columns[index] as LineColumn;
      if (column.constant !== undefined || isSent(column, row)) at = valueOf(column, row, output, at);
      else if (column.isKey) throw absent(column);
      else {
        this.unchanged[count++] = index;
        at = copy(NULL_TEXT, buffer, at);
      }
      buffer[at++] = TAB;
    }
    this.finish(buffer, this.metadata.write(output, at), count);
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

function valueOf(column: LineColumn, row: LocatedRow, output: CopyOutput, at: number): number {
  const { index } = column;
  if (column.constant !== undefined) return copy(column.constant, output.buffer, at);
  const start = index < 0 ? REFUSED : (row.starts[index] as number);
  if (start < 0) {
    if (!column.mayBeNull) throw absent(column);
    return copy(NULL_TEXT, output.buffer, at);
  }
  const end = row.ends[index] as number;
  const next = end < 0 ? inPieces(column, row, output, at) : column.write(row, start, end, output, at);
  if (next < 0) throw new CarefulNeeded(`column "${column.name}" cannot hold a value`);
  return next;
}

function inPieces(column: LineColumn, row: LocatedRow, output: CopyOutput, at: number): number {
  const whole = memoryOf(wholeValue(row, column.index));
  return column.write(whole, 0, whole.buffer.length, output, at);
}

function absent({ name }: LineColumn): CarefulNeeded {
  return new CarefulNeeded(`column "${name}" is NULL or absent, which it cannot be`);
}

/** Copies a short text; returns where it ends. */
export function copy(text: Buffer, output: Buffer, at: number): number {
  for (let index = 0; index < text.length; index += 1) output[at + index] = text[index] as number;
  return at + text.length;
}
