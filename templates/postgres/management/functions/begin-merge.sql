-- First step of every merge procedure: excludes other merges of the table, then takes the marks.
-- The marks go before staging is read, so a row that comes later has a mark of its own.
-- view: lockSpace
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.begin_merge(p_schema text, p_table text) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_id integer := (
    SELECT c.table_id FROM cdc_management.merge_control AS c
    WHERE c.schema_name = p_schema AND c.table_name = p_table
  );
BEGIN
  IF v_id IS NULL THEN
    RAISE EXCEPTION 'table %.% is not registered in cdc_management.merge_control', p_schema, p_table
      USING ERRCODE = 'CDC08', HINT = 'Deploy the stack again: its merge procedure registers the table.';
  END IF;
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'a merge needs the isolation level READ COMMITTED, not %', current_setting('transaction_isolation')
      USING ERRCODE = 'CDC07', HINT = 'Start the transaction with BEGIN ISOLATION LEVEL READ COMMITTED.';
  END IF;
  PERFORM pg_advisory_xact_lock({{lockSpace}}, v_id);
  DELETE FROM cdc_management.merge_pending AS p WHERE p.table_id = v_id;
  RETURN v_id;
END $function$
