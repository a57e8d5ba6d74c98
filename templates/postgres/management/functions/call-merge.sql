-- Calls the merge procedure of a registered table. Names come from merge_control, which only the owner writes, and
-- are quoted.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.call_merge(p_id integer) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_call text;
  v_result jsonb;
BEGIN
  SELECT format('CALL %I.%I(NULL)', c.schema_name, c.procedure_name) INTO STRICT v_call
  FROM cdc_management.merge_control AS c WHERE c.table_id = p_id AND c.unregistered_at IS NULL;
  EXECUTE v_call INTO v_result;
  RETURN v_result;
END $function$
