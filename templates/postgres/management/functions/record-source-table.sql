-- Writes what has changed in the state of a table that a source feeds: those of state, position (hex), capture_instance,
-- columns, snapshot and problem that p_change names; null takes a value away. What is known of a table of the
-- same name that was dropped since is forgotten. A table begins by joining (capture_instance and position) or waiting;
-- anything else about one of which nothing is known is told by who hasn't noticed yet that it was made anew, and isn't
-- written. Fenced like record_source.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.record_source_table(
  p_pipeline text, p_source text, p_token bigint, p_schema text, p_table text, p_change jsonb
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_relation CONSTANT oid := (
    SELECT r.oid FROM pg_class AS r JOIN pg_namespace AS n ON n.oid = r.relnamespace
    WHERE n.nspname = p_schema AND r.relname = p_table
  );
BEGIN
  PERFORM cdc_management.require_lease('pipeline:' || p_pipeline || ':' || p_source, p_token);
  DELETE FROM cdc_management.source_tables AS t
  WHERE t.pipeline = p_pipeline AND t.source = p_source AND t.schema_name = p_schema AND t.table_name = p_table
    AND t.relation <> v_relation;
  IF NOT (p_change ? 'capture_instance' AND p_change ? 'position' OR coalesce(p_change ->> 'state' = 'waiting', false))
    AND NOT EXISTS (
      SELECT FROM cdc_management.source_tables AS t
      WHERE t.pipeline = p_pipeline AND t.source = p_source AND t.schema_name = p_schema AND t.table_name = p_table
    ) THEN
    RETURN;
  END IF;
  INSERT INTO cdc_management.source_tables AS t (
    pipeline, source, schema_name, table_name, relation, state, position, capture_instance, columns, snapshot, problem
  ) VALUES (
    p_pipeline, p_source, p_schema, p_table, v_relation, coalesce(p_change ->> 'state', 'waiting'), decode(p_change ->> 'position', 'hex'),
    p_change ->> 'capture_instance', nullif(p_change -> 'columns', 'null'), nullif(p_change -> 'snapshot', 'null'),
    nullif(p_change -> 'problem', 'null')
  )
  ON CONFLICT (pipeline, source, schema_name, table_name) DO UPDATE
  SET relation = coalesce(excluded.relation, t.relation),
    state = CASE WHEN p_change ? 'state' THEN excluded.state ELSE t.state END,
    position = CASE WHEN p_change ? 'position' THEN excluded.position ELSE t.position END,
    capture_instance = CASE WHEN p_change ? 'capture_instance' THEN excluded.capture_instance ELSE t.capture_instance END,
    columns = CASE WHEN p_change ? 'columns' THEN excluded.columns ELSE t.columns END,
    snapshot = CASE WHEN p_change ? 'snapshot' THEN excluded.snapshot ELSE t.snapshot END,
    problem = CASE WHEN p_change ? 'problem' THEN excluded.problem ELSE t.problem END,
    updated_at = now();
END $function$
