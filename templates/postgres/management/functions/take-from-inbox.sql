-- Trigger function of kafka_inbox: stages what has arrived, by the source that each event names. What is no event, and
-- what no table takes, becomes a dead letter.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.take_from_inbox() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_batch record;
BEGIN
  FOR v_batch IN
    SELECT c.table_id, c.schema_name, c.table_name, c.shape, count(*) AS events,
      jsonb_agg(cdc_management.debezium_event(e.event, c.shape) || jsonb_build_object('kafka', coalesce(e.event -> 'kafka', '{}') || jsonb_build_object(
        'topic', a.topic, 'partition', a."partition", 'offset', a."offset",
        'timestamp', floor(extract(epoch FROM a."timestamp") * 1000)
      )) ORDER BY a."partition", a."offset") FILTER (WHERE c.table_id IS NOT NULL) AS staged,
      array_agg(a.event ORDER BY a."partition", a."offset") FILTER (WHERE c.table_id IS NULL) AS refused
    FROM arrived AS a
    CROSS JOIN LATERAL (
      SELECT CASE WHEN k.event #>> '{metadata,Tenant}' IS NULL AND a.tenant IS NOT NULL
        THEN jsonb_set(k.event, '{metadata,Tenant}', to_jsonb(a.tenant)) ELSE k.event END AS event
      FROM (SELECT cdc_management.kafka_event(a.event)) AS k (event)
    ) AS e
    LEFT JOIN cdc_management.merge_control AS c ON c.unregistered_at IS NULL
      AND c.shape #>> '{source,table}' = e.event #>> '{metadata,TableName}'
      AND coalesce(c.shape #>> '{source,schema}' = e.event #>> '{metadata,Schema}', true)
      AND coalesce(c.shape #>> '{source,database}' = e.event #>> '{metadata,Database}', true)
      -- A customer's table takes no event that doesn't say whose it is.
      AND (NOT c.shape ? 'tenant' OR coalesce(c.shape ->> 'tenant' = e.event #>> '{metadata,Tenant}', false))
    WHERE a.event <> ''
    GROUP BY c.table_id, c.schema_name, c.table_name, c.shape
  LOOP
    IF v_batch.table_id IS NULL THEN
      PERFORM cdc_management.bury_event('', '', 'kafka_inbox', t.event, 'no event, or no deployed table takes it', NULL)
      FROM unnest(v_batch.refused) AS t (event);
    ELSE
      PERFORM cdc_management.stage_events(
        v_batch.schema_name, v_batch.table_name, 'kafka_inbox',
        (SELECT json_agg(s ->> 'name')::text FROM jsonb_array_elements(v_batch.shape -> 'columns') AS s WHERE s ? 'source'),
        v_batch.staged::text
      );
    END IF;
  END LOOP;
  DELETE FROM cdc_management.kafka_inbox AS i USING arrived AS a
  WHERE i.topic IS NOT DISTINCT FROM a.topic AND i."partition" IS NOT DISTINCT FROM a."partition"
    AND i."offset" IS NOT DISTINCT FROM a."offset";
  RETURN NULL;
END $function$;
CREATE OR REPLACE TRIGGER trg_take_from_inbox AFTER INSERT ON cdc_management.kafka_inbox
REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION cdc_management.take_from_inbox()
