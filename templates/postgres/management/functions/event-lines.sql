-- The one or two staged rows of an event (docs/envelopes.md) of a table: two when an update changed the key, the delete
-- of the old key and all columns under the new one. p_table: what stage_events knows of the table.
-- data: values by source name; whole: what it lacks is NULL; else what it lacks is unchanged, or, in a delete, unknown.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.event_lines(p_event jsonb, p_table jsonb)
RETURNS TABLE (
  operation text, place bytea, data jsonb, whole boolean, unchanged text[], tenant text, source_ts_ms bigint,
  database text
)
LANGUAGE plpgsql STABLE
AS $function$
DECLARE
  v_meta CONSTANT jsonb := p_event -> 'metadata';
  v_data jsonb := nullif(p_event -> 'data', 'null');
  v_before jsonb := nullif(v_meta -> 'Before', 'null');
  v_old jsonb;
  v_key jsonb;
  v_name text;
  v_changed boolean := false;
BEGIN
  operation := CASE lower(v_meta ->> 'OperationType')
    WHEN 'insert' THEN 'Insert' WHEN 'c' THEN 'Insert' WHEN 'update' THEN 'Update' WHEN 'u' THEN 'Update'
    WHEN 'delete' THEN 'Delete' WHEN 'd' THEN 'Delete' WHEN 'read' THEN 'Read' WHEN 'r' THEN 'Read'
  END;
  IF operation IS NULL THEN
    RAISE EXCEPTION 'metadata "OperationType" is missing, or not Insert, Update, Delete or Read'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  v_data := coalesce(v_data, CASE WHEN operation = 'Delete' THEN '{}'::jsonb END);
  IF jsonb_typeof(v_data) IS DISTINCT FROM 'object' OR jsonb_typeof(v_before) <> 'object' THEN
    RAISE EXCEPTION '"data" is missing, or it or "Before" is not an object' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  v_before := coalesce(v_before, '{}');
  place := cdc_management.event_position(v_meta, operation, (p_event #>> '{kafka,offset}')::bigint);
  source_ts_ms := coalesce(
    cdc_management.event_time(v_meta ->> 'CommitTime'), (p_event #>> '{kafka,source_ts_ms}')::bigint
  );
  IF p_table ? 'tenants' THEN
    tenant := cdc_management.event_tenant(v_meta, p_table -> 'tenants');
  END IF;
  database := coalesce(v_meta ->> 'Database', p_table #>> ARRAY['tenants', tenant], p_table ->> 'database');
  whole := operation IN ('Insert', 'Read');
  data := v_data;
  IF operation = 'Update' THEN
    FOR v_key IN SELECT k FROM jsonb_array_elements(p_table -> 'keys') AS k WHERE v_before ? (k ->> 'source') LOOP
      v_name := v_key ->> 'source';
      IF NOT v_data ? v_name THEN
        v_data := v_data || jsonb_build_object(v_name, v_before -> v_name);
      ELSIF v_data -> v_name <> v_before -> v_name THEN
        v_changed := v_changed OR cdc_management.values_differ(v_data -> v_name, v_before -> v_name, v_key);
      END IF;
    END LOOP;
    data := v_data;
    IF v_changed THEN
      -- Under its new key the row is new to the sink: what the event lacks can only come from the image before.
      data := v_before || v_data;
      v_old := v_data || jsonb_strip_nulls(v_before);
    END IF;
  ELSIF operation = 'Delete' THEN
    v_old := v_before || jsonb_strip_nulls(v_data);
  END IF;
  IF v_old IS NOT NULL THEN
    v_old := (
      SELECT coalesce(jsonb_object_agg(k ->> 'source', v_old -> (k ->> 'source')), '{}')
      FROM jsonb_array_elements(p_table -> 'keys') AS k WHERE v_old ? (k ->> 'source')
    );
  END IF;
  IF operation = 'Delete' THEN
    data := v_old;
  ELSIF v_changed THEN
    RETURN QUERY SELECT 'Delete', cdc_management.old_key_position(place), v_old, false, NULL::text[], tenant, source_ts_ms, database;
  END IF;
  IF operation = 'Update' THEN
    unchanged := ARRAY(
      SELECT c ->> 'name' FROM jsonb_array_elements(p_table -> 'columns') AS c WHERE NOT data ? (c ->> 'source')
    );
    unchanged := nullif(unchanged || ARRAY(
      SELECT c ->> 'name' FROM jsonb_array_elements(p_table -> 'computed') AS c
      WHERE NOT coalesce(p_event -> 'computed' ? (c ->> 'name'), false)
    ), '{}');
  END IF;
  RETURN NEXT;
END $function$
