/**
 * Place of a change in the source's history: commit LSN (10 bytes), command id (4), seqval (10),
 * operation (1), big-endian. Its 25 bytes as 50 hex digits, whose text order is the order of changes.
 * Within one transaction the command id orders, seqval only within a command
 * (Microsoft: `__$seqval` alone is no order).
 */
export type Position = string & { readonly __brand: "Position" };

/** Operation byte of a position; a snapshot row sorts before every change of its LSN. */
export const OPERATION_CODE = { read: 0, delete: 1, insert: 2, updateBefore: 3, update: 4 } as const;

export interface PositionParts {
  /** Commit LSN, 20 hex digits. */
  readonly lsn: string;
  /** `__$command_id`; 0 when the source doesn't tell. */
  readonly commandId: number;
  /** `__$seqval`, 20 hex digits. */
  readonly seqval: string;
  readonly operation: number;
}

const HEX_20 = /^[0-9a-f]{20}$/;
const HEX_50 = /^[0-9a-f]{50}$/;
const NO_SEQVAL = "0".repeat(20);

/** Packs the parts; throws RangeError when one doesn't fit its bytes. */
export function packPosition(parts: PositionParts): Position {
  const { commandId, operation } = parts;
  const lsn = parts.lsn.toLowerCase();
  const seqval = parts.seqval.toLowerCase();
  if (!HEX_20.test(lsn) || !HEX_20.test(seqval)) throw new RangeError("lsn and seqval are 20 hex digits");
  if (!fits(commandId, 0xffffffff) || !fits(operation, 0xff))
    throw new RangeError("command id or operation out of range");
  return `${lsn}${hex(commandId, 8)}${seqval}${hex(operation, 2)}` as Position;
}

/** The text as a position, or undefined when it isn't 50 hex digits. */
export function parsePosition(text: string): Position | undefined {
  const lower = text.toLowerCase();
  return HEX_50.test(lower) ? (lower as Position) : undefined;
}

export function unpackPosition(position: Position): PositionParts {
  return {
    lsn: position.slice(0, 20),
    commandId: Number.parseInt(position.slice(20, 28), 16),
    seqval: position.slice(28, 48),
    operation: Number.parseInt(position.slice(48), 16),
  };
}

/**
 * Position of the delete of the old key that an update with a changed key implies. When the command is
 * known it sorts before everything that the same command writes, since a command's deletes all come
 * before its inserts (a key swap in one statement); else just before the update itself.
 */
export function oldKeyPosition(update: Position): Position {
  const parts = unpackPosition(update);
  const seqval = parts.commandId === 0 ? parts.seqval : NO_SEQVAL;
  return packPosition({ ...parts, seqval, operation: OPERATION_CODE.updateBefore });
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

function fits(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}
