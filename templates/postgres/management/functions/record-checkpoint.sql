-- Moves a checkpoint forward, never back, and adds the events merged. With a lease: fails unless the token is the
-- lease's current one, and keeps it so until the transaction ends.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.record_checkpoint(
  p_pipeline text, p_schema text, p_table text, p_position bytea, p_events bigint,
  p_lease text DEFAULT NULL, p_token bigint DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  IF p_lease IS NOT NULL THEN
    PERFORM cdc_management.require_lease(p_lease, p_token);
  END IF;
  INSERT INTO cdc_management.checkpoints AS c (pipeline, schema_name, table_name, position, events, token)
  VALUES (p_pipeline, p_schema, p_table, p_position, p_events, p_token)
  ON CONFLICT (pipeline, schema_name, table_name) DO UPDATE
  SET position = CASE WHEN c.position < excluded.position THEN excluded.position ELSE c.position END,
    events = c.events + excluded.events, token = excluded.token, updated_at = now();
END $function$
