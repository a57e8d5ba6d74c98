-- Marks of tables with staged rows. Only ever inserted by writers, and deleted by the merge that saw them:
-- so a writer never waits for a merge, nor a merge for a writer.
-- view: none
-- Safe to repeat: IF NOT EXISTS.
CREATE TABLE IF NOT EXISTS cdc_management.merge_pending (
  table_id integer NOT NULL,
  marked_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);
CREATE INDEX IF NOT EXISTS merge_pending_table_id ON cdc_management.merge_pending (table_id)
