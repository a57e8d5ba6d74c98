import type { Memory } from "../../databases/sqlserver/rows/memory";
import { RowFormatError } from "../../databases/sqlserver/rows/row-format-error";
import type { LocatedRow } from "../../databases/sqlserver/rows/row-reader";
import { CHANGE_COLUMN } from "../../sql/sqlserver/change-statements";

/** Bytes of a position. */
export const POSITION_BYTES = 25;
/** Bytes of an LSN and of a seqval. */
export const LSN_BYTES = 10;

const COMMAND_AT = LSN_BYTES;
const SEQVAL_AT = COMMAND_AT + 4;
const OPERATION_AT = SEQVAL_AT + LSN_BYTES;
const { lsn: LSN, commandId: COMMAND, seqval: SEQVAL, operation: OPERATION } = CHANGE_COLUMN;

/** Writes the position of a change row into the bytes, as `packPosition` does. */
export function writePosition(row: LocatedRow, operation: number, position: Memory): void {
  const { starts, ends, view } = row;
  const lsn = starts[LSN] as number;
  const command = starts[COMMAND] as number;
  const seqval = starts[SEQVAL] as number;
  if (lsn < 0 || (ends[LSN] as number) - lsn !== LSN_BYTES) throw notTen();
  if (seqval < 0 || (ends[SEQVAL] as number) - seqval !== LSN_BYTES) throw notTen();
  copyTen(view, lsn, position.view, 0);
  copyTen(view, seqval, position.view, SEQVAL_AT);
  let number = 0;
  if (command >= 0) {
    if ((ends[COMMAND] as number) - command !== 4) throw noCommand();
    number = view.getInt32(command, true);
    if (number < 0) throw noCommand();
  }
  position.view.setInt32(COMMAND_AT, number);
  position.view.setUint8(OPERATION_AT, operation);
}

/** The operation of a change row. */
export function operationOf({ starts, ends, view }: LocatedRow): number {
  const start = starts[OPERATION] as number;
  if (start < 0 || (ends[OPERATION] as number) - start !== 4)
    throw new RowFormatError("a change row has no operation of 4 bytes");
  return view.getInt32(start, true);
}

/** Whether two positions, or bytes that begin with an LSN, have the same LSN. */
export function isSameLsn({ view: one }: Memory, { view: other }: Memory): boolean {
  return (
    one.getInt32(4) === other.getInt32(4) &&
    one.getInt16(8) === other.getInt16(8) &&
    one.getInt32(0) === other.getInt32(0)
  );
}

/** Whether two positions differ in nothing but the operation. */
export function isSamePlace(one: Memory, other: Memory): boolean {
  if (!isSameLsn(one, other)) return false;
  for (let at = COMMAND_AT; at < OPERATION_AT; at += 1) if (one.buffer[at] !== other.buffer[at]) return false;
  return true;
}

function copyTen(from: DataView, start: number, to: DataView, at: number): void {
  to.setInt32(at, from.getInt32(start));
  to.setInt32(at + 4, from.getInt32(start + 4));
  to.setInt16(at + 8, from.getInt16(start + 8));
}

function notTen(): RowFormatError {
  return new RowFormatError("a change row has no LSN or seqval of 10 bytes");
}

function noCommand(): RowFormatError {
  return new RowFormatError("a change row has a command id that is negative or no int");
}
