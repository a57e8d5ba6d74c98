import { memoryOf, type Memory } from "../../databases/sqlserver/rows/memory";
import type { RawColumn } from "../../databases/sqlserver/rows/result-column";
import { wholeValue, type LocatedRow } from "../../databases/sqlserver/rows/row-reader";
import { CHANGE_COLUMN } from "../../sql/sqlserver/change-statements";
import type { ByteWriter } from "../copy/bytes/byte-writer";
import type { GivenColumn } from "../copy/line-plan";
import { isBitSet } from "../copy/text-changes";
import { jsonWriterFor } from "./json-writer-for";

/** A column of an envelope's `data`. */
export interface JsonColumn {
  /** `"name":` */
  readonly name: Buffer;
  /** Column of the result. */
  readonly index: number;
  readonly write: ByteWriter;
  /** A large value that didn't change isn't there. */
  readonly large: boolean;
  /** An ALTER may have made it small. */
  readonly wasLarge: boolean;
  /** Place in the update mask. */
  readonly ordinal: number;
}

/** The columns of a result from `first` on that are given. */
export function jsonColumns(given: readonly GivenColumn[], columns: readonly RawColumn[], first: number): JsonColumn[] {
  return given.flatMap(({ source, large, captured }, place) => {
    const column = columns[first + place];
    if (column === undefined) return [];
    const wasLarge = captured?.wasLarge === true;
    const name = Buffer.from(`${JSON.stringify(source)}:`);
    return [
      { name, index: first + place, write: jsonWriterFor(column), large, wasLarge, ordinal: captured?.ordinal ?? 0 },
    ];
  });
}

/** Which values of a row are written. */
export type IsKnown = (column: JsonColumn, row: LocatedRow) => boolean;

/** Of an insert or a read: all. */
export const isThere: IsKnown = () => true;

/** Of a row before an update or delete: a large column that is NULL there may have had any value. */
export const isKnownBefore: IsKnown = ({ large, wasLarge, index }, { starts }) =>
  !(large || wasLarge) || (starts[index] as number) >= 0;

/** Of a row after an update: a large column is what it was, unless the mask says that it changed. */
export const isKnownAfter: IsKnown = ({ large, wasLarge, index, ordinal }, row) => {
  if (!large && !(wasLarge && (row.starts[index] as number) < 0)) return true;
  const start = row.starts[CHANGE_COLUMN.mask] as number;
  return start >= 0 && isBitSet(row.buffer, start, row.ends[CHANGE_COLUMN.mask] as number, ordinal);
};

const [OPEN, CLOSE, COMMA] = [0x7b, 0x7d, 0x2c] as const;
const NULL = Buffer.from("null");

/** Writes the values of a row as a JSON object; returns where it ends. */
export function writeRow(
  columns: readonly JsonColumn[],
  row: LocatedRow,
  isKnown: IsKnown,
  output: Memory,
  at: number,
): number {
  const { buffer } = output;
  let next = at;
  for (let place = 0; place < columns.length; place += 1) {
    const column = columns[place] as JsonColumn;
    if (!isKnown(column, row)) continue;
    buffer[next] = next === at ? OPEN : COMMA;
    next = writeValue(column, row, output, put(column.name, buffer, next + 1));
  }
  if (next === at) buffer[next++] = OPEN;
  buffer[next] = CLOSE;
  return next + 1;
}

function writeValue({ index, write }: JsonColumn, row: LocatedRow, output: Memory, at: number): number {
  const start = row.starts[index] as number;
  if (start < 0) return put(NULL, output.buffer, at);
  const end = row.ends[index] as number;
  if (end >= 0) return write(row, start, end, output, at);
  const whole = memoryOf(wholeValue(row, index));
  return write(whole, 0, whole.buffer.length, output, at);
}

/** Copies a short text; returns where it ends. */
export function put(text: Buffer, output: Buffer, at: number): number {
  for (let index = 0; index < text.length; index += 1) output[at + index] = text[index] as number;
  return at + text.length;
}
