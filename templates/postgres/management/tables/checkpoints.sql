-- How far each pipeline has got in each table, written in the transaction that merged the rows.
-- view: none
-- Safe to repeat: IF NOT EXISTS.
CREATE TABLE IF NOT EXISTS cdc_management.checkpoints (
  pipeline text NOT NULL,
  schema_name text NOT NULL,
  table_name text NOT NULL,
  position bytea NOT NULL,
  events bigint NOT NULL DEFAULT 0,
  token bigint,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (pipeline, schema_name, table_name)
) WITH (fillfactor = 50)
