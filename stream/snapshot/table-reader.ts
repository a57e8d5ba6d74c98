import type { ExactRow } from "../../databases/sqlserver/rows/row-reader";
import type { EnvelopeRow } from "../../model/envelope";
import type { TableShape } from "../../model/table-shape";
import type { SourceKey } from "../../sql/sqlserver/snapshot-statements";
import { capturedSources } from "../copy/captured-sources";
import type { CaptureInstance } from "../sources/capture-instance";
import type { KeyText, Pages } from "./page-reader";

/** How a source table is read for its sink table, and what its rows mean. */
export interface TableReader {
  readonly pages: Pages;
  /** Names in the shape of the first columns that are read, in order. */
  readonly sources: readonly string[];
  /** Whether a value may be megabytes. */
  readonly hasLarge: boolean;
  /** Places of the key's columns in a row. */
  readonly keyPlaces: readonly number[];
  keyOf(row: ExactRow): KeyText;
  /** The row as the `data` of an envelope. */
  dataOf(row: ExactRow): EnvelopeRow;
}

/**
 * Reads the columns that the instance captures, under their present names, since the stream will give no others; then
 * those of the key that are not among them.
 * @param filled Only rows where one of these columns of the shape is not NULL.
 */
export function tableReader(
  shape: TableShape,
  instance: CaptureInstance,
  key: SourceKey,
  filled?: readonly string[],
): TableReader {
  const captured = capturedSources(shape, instance);
  const present = captured.map((column) => column.captured.sourceName);
  const keyOnly = key.columns.map(({ name }) => name).filter((name) => !present.includes(name));
  const columns = [...present, ...keyOnly];
  const keyPlaces = key.columns.map(({ name }) => columns.indexOf(name));
  const sources = captured.map(({ source }) => source);
  const filledNames = captured
    .filter(({ source }) => filled?.includes(source) === true)
    .flatMap(({ captured: { sourceName } }) => sourceName ?? []);
  return {
    pages: {
      schema: instance.schema,
      table: instance.table,
      columns,
      key,
      ...(filled === undefined ? {} : { filled: filledNames }),
    },
    sources,
    hasLarge: captured.some(({ large }) => large),
    keyPlaces,
    keyOf: (row) => keyPlaces.map((place) => row[place] ?? null),
    dataOf: (row) => Object.fromEntries(sources.map((source, index) => [source, row[index] ?? null])),
  };
}
