-- Gives a big staging table's space back once all its rows are merged. Rows are never at risk: the table is locked
-- without waiting, then seen to be empty, and only then truncated; else nothing happens.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.compact_staging(p_staging regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_name text := (
    SELECT format('%I.%I', n.nspname, c.relname)
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = p_staging
  );
  v_rows boolean;
BEGIN
  EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE NOWAIT', v_name);
  EXECUTE format('SELECT EXISTS (SELECT FROM %s)', v_name) INTO v_rows;
  IF v_rows THEN
    RAISE EXCEPTION USING ERRCODE = 'lock_not_available';
  END IF;
  EXECUTE format('TRUNCATE TABLE %s', v_name);
EXCEPTION WHEN lock_not_available OR object_in_use THEN
  -- Undoes the lock: somebody is writing, or rows are left.
  NULL;
END $function$
