import type { EnvelopeMetadata, OperationType } from "../../model/envelope";
import { OPERATION_CODE, packPosition, parsePosition, type Position } from "../../model/position";
import { Rejection, shown } from "../rejection";

const CODES: Record<OperationType, number> = {
  Read: OPERATION_CODE.read,
  Delete: OPERATION_CODE.delete,
  Insert: OPERATION_CODE.insert,
  Update: OPERATION_CODE.update,
};
const HEX_20 = /^[0-9a-f]{20}$/;
const NO_SEQVAL = "0".repeat(20);

/**
 * Gives every event of one input its place in the source's history:
 * 1. `Position` as it stands (25 bytes in hex);
 * 2. else LSN, `CommandId`, `SeqVal` (0 for the one that is absent) and the operation;
 * 3. else LSN and the event's place in its run of neighbouring lines with the same LSN, from 1. So the same input
 *    gives the same positions each time it is read from its start. A `Read` has no place: it comes before every
 *    change of its LSN.
 */
export class PositionReader {
  private lastText = "";
  private lastLsn = "";
  private place = 0;

  /** Position of the next event of the input. */
  next(metadata: EnvelopeMetadata): Position | Rejection {
    if (metadata.Position !== undefined) return givenPosition(metadata.Position);
    // Neighbours of one transaction spell their LSN alike.
    const lsn = metadata.LSN === this.lastText ? this.lastLsn : lsnDigits(metadata.LSN);
    if (lsn === undefined) return new Rejection(`metadata "LSN" is ${shown(metadata.LSN)}: 20 hex digits are expected`);
    this.place = lsn === this.lastLsn ? this.place + 1 : 1;
    this.lastLsn = lsn;
    this.lastText = metadata.LSN;
    return this.derived(lsn, metadata);
  }

  private derived(lsn: string, metadata: EnvelopeMetadata): Position | Rejection {
    const seqval = this.seqvalDigits(metadata);
    if (seqval === undefined) {
      return new Rejection(`metadata "SeqVal" is ${shown(String(metadata.SeqVal))}: 20 hex digits are expected`);
    }
    const operation = CODES[metadata.OperationType];
    return packPosition({ lsn, commandId: metadata.CommandId ?? 0, seqval, operation });
  }

  private seqvalDigits(metadata: EnvelopeMetadata): string | undefined {
    if (metadata.SeqVal !== undefined) return lsnDigits(metadata.SeqVal);
    if (metadata.CommandId !== undefined || metadata.OperationType === "Read") return NO_SEQVAL;
    return this.place.toString(16).padStart(20, "0");
  }
}

/** 20 hex digits in lower case from `0x…`, plain or `xxxxxxxx:xxxxxxxx:xxxx` spelling; undefined for anything else. */
export function lsnDigits(text: string): string | undefined {
  if (HEX_20.test(text)) return text;
  const digits = text.toLowerCase().replace(/^0x/, "").replaceAll(":", "");
  return HEX_20.test(digits) ? digits : undefined;
}

function givenPosition(text: string): Position | Rejection {
  const position = parsePosition(text.replace(/^0x/i, ""));
  return position ?? new Rejection(`metadata "Position" is ${shown(text)}: 50 hex digits are expected`);
}
