-- Merges every table that has staged rows, each in a transaction of its own, until none is left or the time is up.
-- Runs with the caller's rights, as it must to commit; all it does is call merge_next.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE PROCEDURE cdc_management.trigger_pending_merges(p_window interval DEFAULT '5 seconds')
LANGUAGE plpgsql
AS $procedure$
DECLARE
  v_until timestamptz := pg_catalog.clock_timestamp() OPERATOR(pg_catalog.+) p_window;
  v_failed integer[] := '{}';
  v_done jsonb;
BEGIN
  LOOP
    v_done := cdc_management.merge_next(v_failed);
    EXIT WHEN v_done IS NULL;
    IF v_done OPERATOR(pg_catalog.?) 'error' THEN
      v_failed := pg_catalog.array_append(v_failed, (v_done OPERATOR(pg_catalog.->>) 'table_id')::integer);
    END IF;
    COMMIT;
    EXIT WHEN pg_catalog.clock_timestamp() OPERATOR(pg_catalog.>=) v_until;
  END LOOP;
END $procedure$
