-- Makes an event that cannot be staged a dead letter, in the form that `cdc dead-letters retry` takes: with its position,
-- without its place in Kafka. What jsonb cannot hold, and what is no object, is kept as text.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.bury_event(
  p_schema text, p_table text, p_pipeline text, p_event text, p_reason text, p_sqlstate text
) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_event jsonb;
  v_operation text;
  v_place bytea;
BEGIN
  BEGIN
    v_event := p_event;
    v_operation := v_event #>> '{metadata,OperationType}';
    v_place := cdc_management.event_position(v_event -> 'metadata', initcap(v_operation), (v_event #>> '{kafka,offset}')::bigint);
    v_event := jsonb_set(v_event - 'kafka', '{metadata,Position}', to_jsonb(encode(v_place, 'hex')));
  EXCEPTION WHEN data_exception OR raise_exception OR program_limit_exceeded THEN
    -- Nothing can be taken out of a number or a string.
    v_event := CASE WHEN jsonb_typeof(v_event) = 'object' THEN v_event - 'kafka'
      ELSE jsonb_build_object('text', coalesce(p_event, '')) END;
  END;
  RETURN cdc_management.record_dead_letter(
    p_schema, p_table, p_pipeline, v_place, v_operation, v_event, p_reason, p_sqlstate
  );
END $function$
