-- What was deployed, by files or by Pulumi: who, when, from which text. A log; the catalogue is the truth.
-- view: none
-- Safe to repeat: IF NOT EXISTS. NULLS NOT DISTINCT: a file without a schema has one row as well.
CREATE TABLE IF NOT EXISTS cdc_management.migration_history (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  file_name text NOT NULL,
  checksum text NOT NULL,
  schema_name text,
  category text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now(),
  applied_by text,
  execution_ms bigint,
  outcome text NOT NULL DEFAULT 'applied',
  tool_version text,
  UNIQUE NULLS NOT DISTINCT (file_name, schema_name)
)
