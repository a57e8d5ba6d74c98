-- Sets an event aside with its reason. The same event again counts an attempt; one that was retried is open again.
-- p_staged: the payload is a row of the staging table, so that it can be staged again; else an envelope.
-- A staged event is known by its position, operation and key: its other values may be defaults of the moment.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.record_dead_letter(
  p_schema text, p_table text, p_pipeline text, p_position bytea, p_operation text, p_payload jsonb,
  p_reason text, p_sqlstate text DEFAULT NULL, p_staged boolean DEFAULT false
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  -- Where and when the event came along is not part of it: a replay is the same event.
  v_event jsonb := p_payload - '{__kafka_topic,__kafka_partition,__kafka_offset,__kafka_timestamp,__source_ts_ms}'::text[];
  v_key jsonb := (
    SELECT jsonb_object_agg(k.name, p_payload -> k.name)
    FROM cdc_management.merge_control AS c CROSS JOIN LATERAL jsonb_array_elements_text(c.shape -> 'key') AS k (name)
    WHERE p_staged AND p_position IS NOT NULL AND c.schema_name = p_schema AND c.table_name = p_table
  );
  v_hash text := encode(sha256(convert_to(
    jsonb_build_array(encode(p_position, 'hex'), p_operation, coalesce(v_key, v_event))::text, 'UTF8'
  )), 'hex');
  v_id bigint;
BEGIN
  INSERT INTO cdc_management.dead_letters AS d (
    schema_name, table_name, pipeline, position, operation, payload, event_hash, staged, reason, sqlstate
  ) VALUES (p_schema, p_table, p_pipeline, p_position, p_operation, p_payload, v_hash, p_staged, p_reason, p_sqlstate)
  ON CONFLICT (schema_name, table_name, event_hash) DO UPDATE
  SET attempts = d.attempts + 1, last_tried = clock_timestamp(), reason = excluded.reason, sqlstate = excluded.sqlstate,
    resolved_at = CASE WHEN d.resolution IN ('retried', 'rewound') THEN NULL ELSE d.resolved_at END,
    resolution = CASE WHEN d.resolution IN ('retried', 'rewound') THEN NULL ELSE d.resolution END
  RETURNING d.id INTO v_id;
  RETURN v_id;
END $function$
