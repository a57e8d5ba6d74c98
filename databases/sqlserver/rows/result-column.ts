import type { ColumnMetadata } from "tedious/lib/token/colmetadata-token-parser";
import type { ExactRow } from "./row-reader";

/** A column of a result. */
export interface ResultColumn {
  readonly name: string;
  /** The driver's name of its type on the wire, such as `DecimalN`. */
  readonly type: string;
}

/** Rows that came together: those of one packet at most. The first batch of a result may be empty. */
export interface RowBatch {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly ExactRow[];
}

export function resultColumn(metadata: ColumnMetadata): ResultColumn {
  return { name: metadata.colName, type: metadata.type.name };
}
