import type { Envelope, EnvelopeRow } from "../../model/envelope";
import type { Lsn } from "../../model/lsn";
import { OPERATION_CODE, packPosition, type Position } from "../../model/position";
import type { TableShape } from "../../model/table-shape";

/** Place of the rows that were read when the source had captured everything up to the LSN: before every change after it. */
export function readPosition(lsn: Lsn): Position {
  return packPosition({ lsn, commandId: 0, seqval: "0".repeat(20), operation: OPERATION_CODE.read });
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
