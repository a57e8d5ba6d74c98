-- One row per merge and Kafka topic and partition (topic NULL: loaded natively). Counts of changed rows, and
-- positions, are of the whole merge and stand on its first row; staged rows and offsets are of the partition.
-- view: none
-- Safe to repeat: IF NOT EXISTS.
CREATE TABLE IF NOT EXISTS cdc_management.cdc_processing_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  table_id integer NOT NULL,
  schema_name text NOT NULL,
  table_name text NOT NULL,
  customer_id text,
  kafka_topic text,
  kafka_partition integer,
  rows_staged bigint NOT NULL,
  rows_inserted bigint NOT NULL,
  rows_updated bigint NOT NULL,
  rows_deleted bigint NOT NULL,
  rows_skipped bigint NOT NULL,
  rows_dead bigint NOT NULL,
  first_offset bigint,
  last_offset bigint,
  first_position bytea,
  last_position bytea,
  last_source_ts_ms bigint,
  merged_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  duration_ms bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS cdc_processing_log_table_id ON cdc_management.cdc_processing_log (table_id, id);
CREATE INDEX IF NOT EXISTS cdc_processing_log_merged_at ON cdc_management.cdc_processing_log (merged_at)
