-- Merges the table that waits longest and that nobody else is merging. An error is logged, and the table rests for a
-- time that doubles with each error. Gives {table_id, result} or {table_id, error}, or NULL when none is left.
-- p_skip: tables not to try again.
-- view: lockSpace
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.merge_next(p_skip integer[] DEFAULT '{}') RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_id integer;
  v_result jsonb;
  v_state text;
  v_message text;
  v_detail text;
BEGIN
  FOR v_id IN
    SELECT p.table_id
    FROM cdc_management.merge_pending AS p JOIN cdc_management.merge_control AS c USING (table_id)
    WHERE c.unregistered_at IS NULL AND (c.retry_at IS NULL OR c.retry_at <= clock_timestamp())
      AND p.table_id <> ALL (p_skip)
    GROUP BY p.table_id ORDER BY min(p.marked_at)
  LOOP
    CONTINUE WHEN NOT pg_try_advisory_xact_lock({{lockSpace}}, v_id);
    BEGIN
      v_result := cdc_management.call_merge(v_id);
      RETURN jsonb_build_object('table_id', v_id, 'result', v_result);
    EXCEPTION WHEN OTHERS THEN
      GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE, v_message = MESSAGE_TEXT, v_detail = PG_EXCEPTION_DETAIL;
    END;
    INSERT INTO cdc_management.error_log (table_id, schema_name, table_name, operation, sqlstate, message, detail)
    SELECT c.table_id, c.schema_name, c.table_name, 'merge', v_state, v_message, v_detail
    FROM cdc_management.merge_control AS c WHERE c.table_id = v_id;
    UPDATE cdc_management.merge_control AS c
    SET error_count = c.error_count + 1, last_error = v_message, last_error_at = clock_timestamp(),
      retry_at = clock_timestamp() + least(2 ^ least(c.error_count, 8), 300) * interval '1 second'
    WHERE c.table_id = v_id;
    RETURN jsonb_build_object('table_id', v_id, 'error', v_message, 'sqlstate', v_state);
  END LOOP;
  RETURN NULL;
END $function$
