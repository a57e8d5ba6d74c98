-- Events of a table without the Z that Debezium puts behind dates and times of day.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.without_zone(p_events jsonb, p_shape jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_column text;
BEGIN
  FOR v_column IN
    SELECT c ->> 'source' FROM jsonb_array_elements(p_shape -> 'columns') AS c
    WHERE c ->> 'type' ~ '^(date|time(\(|$))' AND c ? 'source'
  LOOP
    SELECT jsonb_agg(
      CASE WHEN b.trimmed IS NULL THEN d.event ELSE jsonb_set(d.event, ARRAY['metadata', 'Before', v_column], b.trimmed) END
      ORDER BY e.n
    ) INTO p_events
    FROM jsonb_array_elements(p_events) WITH ORDINALITY AS e (event, n)
    CROSS JOIN LATERAL (SELECT to_jsonb(rtrim(e.event #>> ARRAY['data', v_column], 'Z')) AS trimmed) AS a
    CROSS JOIN LATERAL (
      SELECT CASE WHEN a.trimmed IS NULL THEN e.event ELSE jsonb_set(e.event, ARRAY['data', v_column], a.trimmed) END AS event
    ) AS d
    CROSS JOIN LATERAL (SELECT to_jsonb(rtrim(e.event #>> ARRAY['metadata', 'Before', v_column], 'Z')) AS trimmed) AS b;
  END LOOP;
  RETURN p_events;
END $function$
