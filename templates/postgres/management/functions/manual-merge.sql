-- Merges all that is staged for one table, waiting for a merge that is under way. Gives the counts.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.manual_merge(p_schema text, p_table text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_id integer := (
    SELECT c.table_id FROM cdc_management.merge_control AS c
    WHERE c.schema_name = p_schema AND c.table_name = p_table AND c.unregistered_at IS NULL
  );
  v_part jsonb;
  v_sum jsonb := '{}';
BEGIN
  IF v_id IS NULL THEN
    RAISE EXCEPTION 'no table %.% is replicated into this database', p_schema, p_table
      USING ERRCODE = 'CDC08', HINT = 'SELECT schema_name, table_name FROM cdc_management.v_merge_status lists them.';
  END IF;
  LOOP
    v_part := cdc_management.call_merge(v_id);
    SELECT jsonb_object_agg(x.key, x.value::bigint + CASE WHEN x.key = 'remaining' THEN 0 ELSE coalesce((v_sum ->> x.key)::bigint, 0) END)
    INTO v_sum FROM jsonb_each_text(v_part) AS x;
    EXIT WHEN (v_part ->> 'remaining')::bigint = 0;
  END LOOP;
  RETURN v_sum;
END $function$
