-- One row per replicated table: its shape, as deployed, and how its merges went. Written by the owner only.
-- view: none
-- Safe to repeat: IF NOT EXISTS. A table that is unregistered keeps its row and its id, so its tombstones stay true.
CREATE TABLE IF NOT EXISTS cdc_management.merge_control (
  table_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  schema_name text NOT NULL,
  table_name text NOT NULL,
  staging_name text NOT NULL,
  procedure_name text NOT NULL,
  shape jsonb NOT NULL,
  registered_at timestamptz NOT NULL DEFAULT now(),
  unregistered_at timestamptz,
  total_merges bigint NOT NULL DEFAULT 0,
  total_rows_merged bigint NOT NULL DEFAULT 0,
  last_rows_merged bigint,
  last_merge_at timestamptz,
  last_duration_ms bigint,
  error_count integer NOT NULL DEFAULT 0,
  last_error text,
  last_error_at timestamptz,
  retry_at timestamptz,
  UNIQUE (schema_name, table_name),
  UNIQUE (schema_name, staging_name)
) WITH (fillfactor = 50)
