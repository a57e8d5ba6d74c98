-- Merges that failed as a whole; single bad rows are dead letters.
-- view: none
-- Safe to repeat: IF NOT EXISTS.
CREATE TABLE IF NOT EXISTS cdc_management.error_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  table_id integer,
  schema_name text,
  table_name text,
  operation text NOT NULL,
  sqlstate text,
  message text NOT NULL,
  detail text
)
