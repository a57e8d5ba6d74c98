import { code, prose } from "./markdown";
import type { DocumentedColumn } from "./documented-table";

/** What the columns mean that every sink table has. */
const METADATA: Readonly<Record<string, string>> = {
  __sync_timestamp: "When the row was last written here.",
  __source: "What read the change.",
  __source_db: "Database that the row comes from.",
  __source_table: "Source table that the row comes from.",
  __source_ts_ms: "When the change was committed at the source, in milliseconds since 1970.",
  __cdc_operation: "Last change: insert, update, delete or read.",
  __cdc_position: "Position of the last change: its byte order is the order of changes.",
  __cdc_column_positions: "Positions of columns whose last change is another than the row's.",
};

/** What a column means: the user's words, or ours for the columns that we add. */
export function describe(column: DocumentedColumn): string | undefined {
  if (column.description !== undefined) return column.description;
  return column.origin === "metadata" && Object.hasOwn(METADATA, column.name) ? METADATA[column.name] : undefined;
}

/** Where the value of a column comes from that no source column fills; empty for the others. */
export function filling(column: DocumentedColumn): string {
  if (column.origin === "metadata") return "cdc";
  if (column.constants !== undefined) return "by customer, see below";
  if (column.constant !== undefined) return column.constant === null ? "NULL" : code(column.constant);
  if (column.default !== undefined) return `default ${code(column.default)}`;
  return column.source === undefined ? "a transform" : "";
}

/** Whether values lose something on the way, and what; only for columns of the source. */
export function loss(column: DocumentedColumn): string {
  if (column.source === undefined) return "";
  return column.lossy === undefined ? "no" : `yes: ${prose(column.lossy)}`;
}
