import type { TableShape } from "../../model/table-shape";
import type { EnvelopeRow } from "../../model/envelope";
import { COPY_NULL } from "../encode/codec";
import { encodeValue } from "../encode/encode-value";
import { Rejection } from "../rejection";
import { stagedColumns, type StagedColumn } from "../staging/columns";

/** Turns rows of the source into COPY text by the same codecs as the stream, without anything but the values. */
export class ValueEncoder {
  /** Columns of the COPY, in order. */
  readonly columns: readonly string[];
  private readonly staged: readonly StagedColumn[];

  /** @param only Names of the columns to take; all that the source or a constant fills when absent. */
  constructor(shape: TableShape, only?: readonly string[]) {
    this.staged = stagedColumns(shape).filter(({ name }) => only?.includes(name) ?? true);
    this.columns = this.staged.map(({ name }) => name);
  }

  /** A line without its end, or why the sink cannot hold the row. */
  encode(row: EnvelopeRow): string | Rejection {
    const texts: string[] = [];
    for (const column of this.staged) {
      const text = column.constant ?? encoded(column, row[column.source] ?? null);
      if (text instanceof Rejection) return new Rejection(`column "${column.name}": ${text.reason}`);
      texts.push(text);
    }
    return texts.join("\t");
  }
}

function encoded(column: StagedColumn, value: string | number | boolean | null): string | Rejection {
  if (value !== null) return encodeValue(column.codec, value);
  return column.isKey ? new Rejection("is NULL, which a key cannot be") : COPY_NULL;
}
