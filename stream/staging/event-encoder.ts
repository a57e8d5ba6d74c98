import type { Envelope } from "../../model/envelope";
import type { Position } from "../../model/position";
import type { TableShape } from "../../model/table-shape";
import type { Rejection } from "../rejection";
import { RowEncoder } from "./row-encoder";
import { TenantEncoder } from "./tenant-encoder";

/** Turns the events of one table into lines of COPY text for its staging table. */
export interface EventEncoder {
  /** Columns of the COPY, in the order of the values. */
  readonly columns: readonly string[];
  /** The event's lines, joined by a newline, without one at the end. */
  encode(event: Envelope, position: Position): string | Rejection;
}

/** @param origin Written into `__source` of every row: the pipeline's name. */
export function encoderFor(shape: TableShape, origin: string): EventEncoder {
  return shape.tenants === undefined ? new RowEncoder(shape, origin) : new TenantEncoder(shape, shape.tenants, origin);
}
