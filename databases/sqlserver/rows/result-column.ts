import type { ColumnMetadata } from "tedious/lib/token/colmetadata-token-parser";
import type { ReadText } from "./code-page";
import type { ExactRow } from "./row-reader";

/** A column of a result. */
export interface ResultColumn {
  readonly name: string;
  /** The driver's name of its type on the wire, such as `DecimalN`. */
  readonly type: string;
}

/** A column whose values are read from their bytes. */
export interface RawColumn extends ResultColumn {
  readonly precision: number;
  readonly scale: number;
  /** Declared bytes: of a fixed width, or the most; 65,535 of a `(max)` type. */
  readonly bytes: number;
  /** Code page of varchar and char, as the driver names it: `CP1252`. */
  readonly codePage: string | undefined;
  /** Exact text of a value's bytes. */
  readonly read: ReadText;
}

/** Rows that came together: those of one packet at most. The first batch of a result may be empty. */
export interface RowBatch {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly ExactRow[];
}

export function resultColumn(metadata: ColumnMetadata): ResultColumn {
  return { name: metadata.colName, type: metadata.type.name };
}

export function rawColumn(metadata: ColumnMetadata, read: ReadText): RawColumn {
  const { precision = 0, scale = 0, dataLength = 0, collation } = metadata;
  return { ...resultColumn(metadata), precision, scale, bytes: dataLength, codePage: collation?.codepage, read };
}

/** Why a column cannot be read from its bytes. */
export function unknownText({ name, type }: ResultColumn): string {
  return `column ${name} has type ${type}, in a code page or form that is not known`;
}
