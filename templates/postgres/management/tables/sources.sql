-- How far each pipeline has got in each source database: every change at or before the position is merged, but for
-- tables that have a position of their own. Written in the transaction that merged the rows.
-- view: none
-- Safe to repeat: IF NOT EXISTS.
CREATE TABLE IF NOT EXISTS cdc_management.sources (
  pipeline text NOT NULL,
  source text NOT NULL,
  position bytea,
  commit_time timestamptz,
  seen_lsn bytea,
  seen_at timestamptz,
  token bigint,
  transactions bigint NOT NULL DEFAULT 0,
  events bigint NOT NULL DEFAULT 0,
  problem jsonb,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (pipeline, source)
) WITH (fillfactor = 50)
