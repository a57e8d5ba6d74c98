-- Events that could not be stored, each once, with the reason.
-- view: none
-- Safe to repeat: IF NOT EXISTS. The same event again only counts an attempt.
CREATE TABLE IF NOT EXISTS cdc_management.dead_letters (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  schema_name text NOT NULL,
  table_name text NOT NULL,
  pipeline text,
  position bytea,
  operation text,
  payload jsonb NOT NULL,
  event_hash text NOT NULL,
  staged boolean NOT NULL,
  reason text NOT NULL,
  sqlstate text,
  attempts integer NOT NULL DEFAULT 1,
  first_seen timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_tried timestamptz NOT NULL DEFAULT clock_timestamp(),
  resolved_at timestamptz,
  resolution text,
  UNIQUE (schema_name, table_name, event_hash)
)
