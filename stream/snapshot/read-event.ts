import type { Envelope, EnvelopeRow } from "../../model/envelope";
import type { Lsn } from "../../model/lsn";
import { OPERATION_CODE, packPosition, type Position } from "../../model/position";
import type { TableShape } from "../../model/table-shape";

/** Place before every change at the LSN and after it: what is older was there before. */
export function readPosition(lsn: Lsn): Position {
  return packPosition({ lsn, commandId: 0, seqval: "0".repeat(20), operation: OPERATION_CODE.read });
}

/**
 * Place of the rows of a chunk that was read when the source had captured everything up to the LSN: behind every change
 * at it, since the rows hold these already. A row whose last change, at just that LSN, came without a column that is new
 * takes the column's value from the chunk.
 */
export function chunkPosition(lsn: Lsn): Position {
  return packPosition({ lsn, commandId: 0xffff_ffff, seqval: "f".repeat(20), operation: 0xff });
}

/** A row that was read as an event. */
export function readEvent(shape: TableShape, data: EnvelopeRow, position: Position): Envelope {
  const { source, tenant } = shape;
  return {
    data,
    metadata: {
      TableName: source.table,
      Schema: source.schema,
      OperationType: "Read",
      LSN: position.slice(0, 20),
      Position: position,
      ...(source.database === undefined ? {} : { Database: source.database }),
      ...(tenant === undefined ? {} : { Tenant: tenant }),
    },
  };
}
