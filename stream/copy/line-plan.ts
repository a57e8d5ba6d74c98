import type { RawColumn } from "../../databases/sqlserver/rows/result-column";
import type { TableShape } from "../../model/table-shape";
import { COPY_NULL } from "../encode/codec";
import { stagedColumns } from "../staging/columns";
import type { CapturedSource } from "./captured-sources";
import { byteWriterFor } from "./bytes/writer-for";
import { REFUSED, type ByteWriter } from "./bytes/byte-writer";

/** One column of a staged line. */
export interface LineColumn {
  /** Name in the sink. */
  readonly name: string;
  /** Text that every line has; undefined: the value of `index`. */
  readonly constant: Buffer | undefined;
  /** Column of the result; below 0: the source doesn't give it. */
  readonly index: number;
  readonly write: ByteWriter;
  readonly isKey: boolean;
  readonly mayBeNull: boolean;
  /** Place in the update mask when only that tells whether the value was sent; 0 when it always is. */
  readonly maskOrdinal: number;
  /** A value that isn't NULL was sent, whatever the mask says. */
  readonly isSentUnlessNull: boolean;
  /** The name as an item of an array in COPY text. */
  readonly arrayItem: Buffer;
}

/** A column of the result that has the values of a source column. */
export type GivenColumn = Pick<CapturedSource, "source" | "large"> & { readonly captured?: CapturedSource["captured"] };

/**
 * How lines are made of a result whose columns from `first` on are those given.
 * @param columns Of the result.
 */
export function linePlan(
  shape: TableShape,
  given: readonly GivenColumn[],
  columns: readonly RawColumn[],
  first: number,
): readonly LineColumn[] {
  const types = new Map(shape.columns.map(({ name, type }) => [name, type]));
  return stagedColumns(shape).map((staged) => {
    const place = given.findIndex(({ source }) => source === staged.source);
    const column = columns[first + place];
    const isGiven = staged.constant === undefined && place >= 0 && column !== undefined;
    const { name, isKey, mayBeNull, constant, arrayItem } = staged;
    const { maskOrdinal, isSentUnlessNull } = maskParts(isGiven ? given[place] : undefined);
    return {
      name,
      isKey,
      mayBeNull,
      constant: constant === undefined ? undefined : Buffer.from(constant),
      arrayItem: Buffer.from(arrayItem),
      maskOrdinal,
      isSentUnlessNull,
      index: isGiven ? first + place : -1,
      write: isGiven ? byteWriterFor(column, types.get(name) ?? "") : () => REFUSED,
    };
  });
}

function maskParts(given: GivenColumn | undefined): Pick<LineColumn, "maskOrdinal" | "isSentUnlessNull"> {
  const wasLarge = given?.captured?.wasLarge === true;
  const isUncertain = given?.large === true || wasLarge;
  return {
    maskOrdinal: isUncertain ? (given.captured?.ordinal ?? 0) : 0,
    isSentUnlessNull: given?.large !== true && wasLarge,
  };
}

/** NULL in COPY text. */
export const NULL_TEXT = Buffer.from(COPY_NULL);
