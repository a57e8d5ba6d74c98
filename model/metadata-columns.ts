import type { Column } from "./column";

/** Metadata columns of every sink table, in order. `__cdc_position` is 25 bytes whose byte order is the order of changes. */
export const METADATA_COLUMNS: readonly Column[] = [
  metadata("__sync_timestamp", "timestamptz", false, "now()"),
  metadata("__source", "text"),
  metadata("__source_db", "text"),
  metadata("__source_table", "text"),
  metadata("__source_ts_ms", "bigint"),
  metadata("__cdc_operation", "text"),
  metadata("__cdc_position", "bytea"),
  metadata("__cdc_column_positions", "jsonb"),
];

function metadata(name: string, type: string, nullable = true, defaultSql?: string): Column {
  const column = { name, type, nullable, origin: "metadata" as const };
  return defaultSql === undefined ? column : { ...column, default: defaultSql };
}
