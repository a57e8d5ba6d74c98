import { RowFormatError } from "../../databases/sqlserver/rows/row-format-error";
import type { LocatedRow } from "../../databases/sqlserver/rows/row-reader";
import { int32 } from "./bytes/numbers";
import { CHANGE_COLUMN } from "../../sql/sqlserver/change-statements";

/** Bytes of a position. */
export const POSITION_BYTES = 25;
/** Bytes of an LSN and of a seqval. */
export const LSN_BYTES = 10;

const COMMAND_AT = LSN_BYTES;
const SEQVAL_AT = COMMAND_AT + 4;
const OPERATION_AT = SEQVAL_AT + LSN_BYTES;

/** Writes the position of a change row into the bytes, as `packPosition` does. */
export function writePosition(row: LocatedRow, operation: number, position: Buffer): void {
  copyTen(row, CHANGE_COLUMN.lsn, position, 0);
  const command = row.starts[CHANGE_COLUMN.commandId] as number;
  if (command >= 0) checkCommand(row, command);
  for (let index = 0; index < 4; index += 1)
    position[COMMAND_AT + 3 - index] = command < 0 ? 0 : (row.buffer[command + index] as number);
  copyTen(row, CHANGE_COLUMN.seqval, position, SEQVAL_AT);
  position[OPERATION_AT] = operation;
}

/** The operation of a change row. */
export function operationOf(row: LocatedRow): number {
  const start = row.starts[CHANGE_COLUMN.operation] as number;
  if (start < 0 || (row.ends[CHANGE_COLUMN.operation] as number) - start !== 4)
    throw new RowFormatError("a change row has no operation of 4 bytes");
  return int32(row.buffer, start);
}

function checkCommand({ buffer, ends }: LocatedRow, start: number): void {
  const isInt = (ends[CHANGE_COLUMN.commandId] as number) - start === 4;
  if (!isInt || (buffer[start + 3] as number) >= 0x80)
    throw new RowFormatError("a change row has a command id that is negative or no int");
}

function copyTen({ buffer, starts, ends }: LocatedRow, column: number, target: Buffer, at: number): void {
  const start = starts[column] as number;
  if (start < 0 || (ends[column] as number) - start !== LSN_BYTES)
    throw new RowFormatError("a change row has no LSN or seqval of 10 bytes");
  for (let index = 0; index < LSN_BYTES; index += 1) target[at + index] = buffer[start + index] as number;
}
