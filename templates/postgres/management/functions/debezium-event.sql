-- An event of kafka_event for a table with this shape: Debezium's rows become data and Before. The change tables give a
-- large value that an update leaves alone as NULL on both sides, so NULL means NULL only where there was a value before.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.debezium_event(p_event jsonb, p_shape jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $function$
DECLARE
  v_raw CONSTANT jsonb := p_event -> 'debezium';
  v_clocks text[];
  v_large text[];
  v_before jsonb;
BEGIN
  IF v_raw IS NULL THEN
    RETURN p_event;
  END IF;
  SELECT coalesce(array_agg(c ->> 'source') FILTER (WHERE c ->> 'type' ~ '^(date|time(\(|$))'), '{}'),
    coalesce(array_agg(c ->> 'source') FILTER (WHERE c ->> 'type' IN ('text', 'bytea', 'xml', 'json', 'jsonb')), '{}')
  INTO v_clocks, v_large
  FROM jsonb_array_elements(p_shape -> 'columns') AS c WHERE c ? 'source';
  v_before := cdc_management.debezium_row(v_raw -> 'before', v_clocks, v_large);
  RETURN jsonb_set(p_event - 'debezium', '{metadata,Before}', coalesce(v_before, 'null')) || jsonb_build_object(
    'data', cdc_management.debezium_row(v_raw -> 'after', v_clocks, CASE
      WHEN v_raw ->> 'op' = 'u' THEN ARRAY(SELECT n FROM unnest(v_large) AS n WHERE NOT coalesce(v_before ? n, false))
      ELSE '{}'
    END)
  );
END $function$
