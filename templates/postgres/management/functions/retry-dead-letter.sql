-- Stages a dead letter's row again, to be merged in its place by its position. Gives false for an envelope, which
-- only the loader can stage, and when there is no open dead letter with this id.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.retry_dead_letter(p_id bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_letter cdc_management.dead_letters;
  v_staging text;
BEGIN
  SELECT d.* INTO v_letter FROM cdc_management.dead_letters AS d WHERE d.id = p_id AND d.resolved_at IS NULL FOR UPDATE;
  SELECT format('%I.%I', c.schema_name, c.staging_name) INTO v_staging FROM cdc_management.merge_control AS c
  WHERE c.schema_name = v_letter.schema_name AND c.table_name = v_letter.table_name AND c.unregistered_at IS NULL;
  IF v_letter.staged IS NOT TRUE OR v_staging IS NULL THEN
    RETURN false;
  END IF;
  EXECUTE format('INSERT INTO %s SELECT * FROM jsonb_populate_record(NULL::%s, $1)', v_staging, v_staging)
  USING v_letter.payload;
  RETURN cdc_management.resolve_dead_letter(p_id, 'retried');
END $function$
