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

/** Columns that only staging tables have besides. */
const STAGING_ONLY = [
  "__cdc_unchanged",
  "__kafka_topic",
  "__kafka_partition",
  "__kafka_offset",
  "__kafka_timestamp",
  "__staged_by",
];

/** Names that no column of the user may have. */
export const RESERVED_COLUMN_NAMES: ReadonlySet<string> = new Set([
  ...METADATA_COLUMNS.map((column) => column.name),
  ...STAGING_ONLY,
]);

function metadata(name: string, type: string, nullable = true, defaultSql?: string): Column {
  const column = { name, type, nullable, origin: "metadata" as const };
  return defaultSql === undefined ? column : { ...column, default: defaultSql };
}
