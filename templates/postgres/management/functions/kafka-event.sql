-- A record's value as our envelope (docs/envelopes.md). One of Debezium is made one, but for its rows, which need their
-- table (debezium_event). NULL when it is neither.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.kafka_event(p_value text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $function$
DECLARE
  v_event jsonb;
  v_source jsonb;
BEGIN
  BEGIN
    v_event := p_value;
  EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    RETURN NULL;
  END;
  IF v_event #> '{payload,source}' IS NOT NULL THEN
    v_event := v_event -> 'payload';
  END IF;
  IF jsonb_typeof(v_event -> 'metadata') = 'object' THEN
    RETURN v_event;
  END IF;
  v_source := v_event -> 'source';
  IF v_source IS NULL OR NOT v_event ? 'op' THEN
    RETURN NULL;
  END IF;
  RETURN jsonb_build_object(
    'debezium', v_event - 'source',
    'kafka', jsonb_build_object('source_ts_ms', v_source ->> 'ts_ms'),
    'metadata', jsonb_strip_nulls(jsonb_build_object(
      'TableName', v_source ->> 'table', 'Schema', v_source ->> 'schema', 'Database', v_source ->> 'db',
      'OperationType', v_event ->> 'op', 'LSN', v_source ->> 'commit_lsn',
      'SeqVal', CASE WHEN v_event ->> 'op' <> 'r' THEN v_source ->> 'change_lsn' END
    ))
  );
END $function$
