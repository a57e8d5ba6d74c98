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
DECLARE
  v_token bigint;
BEGIN
  IF p_lease IS NOT NULL THEN
    SELECT l.token INTO v_token FROM cdc_management.leases AS l WHERE l.name = p_lease FOR SHARE;
    IF v_token IS DISTINCT FROM p_token THEN
      RAISE EXCEPTION 'lease % has passed to another holder (token % is stale, the current one is %)',
        p_lease, p_token, coalesce(v_token::text, 'none')
        USING ERRCODE = 'CDC01', HINT = 'Another worker has taken over; this one must stop.';
    END IF;
  END IF;
  INSERT INTO cdc_management.checkpoints AS c (pipeline, schema_name, table_name, position, events, token)
  VALUES (p_pipeline, p_schema, p_table, p_position, p_events, p_token)
  ON CONFLICT (pipeline, schema_name, table_name) DO UPDATE
  SET position = CASE WHEN c.position < excluded.position THEN excluded.position ELSE c.position END,
    events = c.events + excluded.events, token = excluded.token, updated_at = now();
END $function$
