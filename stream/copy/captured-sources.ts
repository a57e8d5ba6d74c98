import type { TableShape } from "../../model/table-shape";
import type { CapturedColumn, CaptureInstance } from "../sources/capture-instance";
import { isLarge } from "../sources/catalog-type";
import { matchColumns } from "../sources/match-columns";

/** A source column of a table, and the column of the change table that has its values. */
export interface CapturedSource {
  /** Its name in the shape: the key in an envelope's `data`. */
  readonly source: string;
  readonly captured: CapturedColumn;
  /** Values come only with updates that change them. */
  readonly large: boolean;
}

/** The shape's source columns that the instance captures. Those it doesn't are absent from its events. */
export function capturedSources(shape: TableShape, instance: CaptureInstance): readonly CapturedSource[] {
  return Array.from(matchColumns(shape, instance).columns, ([source, captured]) => ({
    source,
    captured,
    large: isLarge(captured.type),
  }));
}
