-- State of each table that a source feeds. The position is the table's own, while it is stopped or catches up; else the
-- source's counts. A table that was dropped and made anew is another one: the relation tells.
-- view: none
-- Safe to repeat: IF NOT EXISTS.
CREATE TABLE IF NOT EXISTS cdc_management.source_tables (
  pipeline text NOT NULL,
  source text NOT NULL,
  schema_name text NOT NULL,
  table_name text NOT NULL,
  relation oid,
  state text NOT NULL DEFAULT 'waiting'
    CHECK (state IN ('waiting', 'snapshot', 'streaming', 'catching_up', 'stopped')),
  position bytea,
  capture_instance text,
  columns jsonb,
  snapshot jsonb,
  events bigint NOT NULL DEFAULT 0,
  problem jsonb,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (pipeline, source, schema_name, table_name)
) WITH (fillfactor = 50)
