/** What a staging table has besides the table's own columns: name and type. */
export const STAGING_COLUMNS: Readonly<Record<string, string>> = {
  __source: "text",
  __source_db: "text",
  __source_table: "text",
  __source_ts_ms: "bigint",
  /** Any case of Insert, Update, Delete, Read, or their first letters. */
  __cdc_operation: "text",
  /** 25 bytes whose order is the order of changes. */
  __cdc_position: "bytea",
  /** Columns that the event does not carry; NULL: it carries all. */
  __cdc_unchanged: "text[]",
  __kafka_topic: "text",
  __kafka_partition: "integer",
  __kafka_offset: "bigint",
  __kafka_timestamp: "timestamptz",
};
