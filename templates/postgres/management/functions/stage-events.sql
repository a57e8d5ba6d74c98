-- Stages a batch of events of one registered table: the sink of the Kafka path. p_events: a JSON array of envelopes
-- (docs/envelopes.md), each with `kafka` {topic, partition, offset, timestamp} and `computed` (values of columns that
-- transforms fill, by sink name) besides. p_columns: the sink columns that the caller's document knows; a document that
-- is older than the table is an error, not a loss. An event that cannot be staged becomes a dead letter; the others go on.
-- Gives {staged, dead}. Runs with the caller's rights: inserting into staging is all they need.
-- view: none
-- Safe to repeat: OR REPLACE. Staging the same events again changes nothing once they are merged: positions decide.
CREATE OR REPLACE FUNCTION cdc_management.stage_events(
  p_schema text, p_table text, p_pipeline text, p_columns text, p_events text
) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_plan CONSTANT jsonb := cdc_management.staging_plan(p_schema, p_table, ARRAY(SELECT json_array_elements_text(p_columns::json)));
  v_table CONSTANT jsonb := v_plan -> 'table';
  v_insert CONSTANT text := v_plan ->> 'insert';
  v_events CONSTANT text[] := ARRAY(SELECT e::text FROM json_array_elements(p_events::json) AS e);
  v_count CONSTANT integer := cardinality(v_events);
  v_chunk integer := v_count;
  v_from integer := 1;
  v_dead integer := 0;
  v_state text;
  v_reason text;
BEGIN
  WHILE v_from <= v_count LOOP
    BEGIN
      EXECUTE v_insert USING v_events[v_from:v_from + v_chunk - 1], v_table, p_pipeline;
      v_from := v_from + v_chunk;
      v_chunk := v_chunk * 4;
      CONTINUE;
    EXCEPTION WHEN data_exception OR integrity_constraint_violation OR raise_exception OR program_limit_exceeded THEN
      GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE, v_reason = MESSAGE_TEXT;
    END;
    IF v_chunk > 1 THEN
      v_chunk := least(v_chunk, v_count - v_from + 1) / 4 + 1;
      IF v_chunk = 2 THEN
        v_chunk := 1;
      END IF;
    ELSE
      PERFORM cdc_management.bury_event(p_schema, p_table, p_pipeline, v_events[v_from], v_reason, v_state);
      v_dead := v_dead + 1;
      v_from := v_from + 1;
    END IF;
  END LOOP;
  RETURN jsonb_build_object('staged', v_count - v_dead, 'dead', v_dead);
END $function$
