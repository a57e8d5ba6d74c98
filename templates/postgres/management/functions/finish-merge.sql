-- Last step of every merge procedure: writes the log and the counters, gives the result.
-- p_parts: one object per Kafka topic and partition with topic, partition, rows, first, last, ts.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.finish_merge(
  p_id integer, p_started timestamptz, p_parts jsonb, p_inserted bigint, p_updated bigint, p_deleted bigint,
  p_dead bigint, p_remaining bigint, p_first bytea, p_last bytea
) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  v_ms bigint := (1000 * extract(epoch FROM clock_timestamp() - p_started))::bigint;
  v_changed bigint := p_inserted + p_updated + p_deleted;
  v_staged bigint;
BEGIN
  WITH parts AS (
    SELECT x.topic, x.partition, sum(x.rows)::bigint AS rows, min(x.first) AS first, max(x.last) AS last, max(x.ts) AS ts,
      row_number() OVER (ORDER BY x.topic, x.partition) = 1 AS whole, sum(sum(x.rows)) OVER () AS staged
    FROM jsonb_to_recordset(p_parts) AS x (topic text, partition integer, rows bigint, first bigint, last bigint, ts bigint)
    GROUP BY x.topic, x.partition
  ), logged AS (
    INSERT INTO cdc_management.cdc_processing_log (
      table_id, schema_name, table_name, customer_id, kafka_topic, kafka_partition, rows_staged, rows_inserted,
      rows_updated, rows_deleted, rows_skipped, rows_dead, first_offset, last_offset, first_position, last_position,
      last_source_ts_ms, duration_ms
    )
    SELECT c.table_id, c.schema_name, c.table_name, c.shape ->> 'tenant', p.topic, p.partition, p.rows,
      CASE WHEN p.whole THEN p_inserted ELSE 0 END, CASE WHEN p.whole THEN p_updated ELSE 0 END,
      CASE WHEN p.whole THEN p_deleted ELSE 0 END,
      CASE WHEN p.whole THEN greatest(p.staged - v_changed - p_dead, 0) ELSE 0 END,
      CASE WHEN p.whole THEN p_dead ELSE 0 END, p.first, p.last, CASE WHEN p.whole THEN p_first END,
      CASE WHEN p.whole THEN p_last END, p.ts, v_ms
    FROM parts AS p CROSS JOIN cdc_management.merge_control AS c
    WHERE c.table_id = p_id
  )
  SELECT coalesce(sum(p.rows), 0) INTO v_staged FROM parts AS p;
  UPDATE cdc_management.merge_control AS c
  SET total_merges = c.total_merges + 1, total_rows_merged = c.total_rows_merged + v_changed,
    last_rows_merged = v_changed, last_merge_at = clock_timestamp(), last_duration_ms = v_ms, error_count = 0,
    retry_at = NULL
  WHERE c.table_id = p_id AND (v_staged > 0 OR c.error_count > 0);
  IF p_remaining > 0 THEN
    INSERT INTO cdc_management.merge_pending (table_id) VALUES (p_id);
  END IF;
  RETURN jsonb_build_object(
    'staged', v_staged, 'inserted', p_inserted, 'updated', p_updated, 'deleted', p_deleted,
    'skipped', greatest(v_staged - v_changed - p_dead, 0), 'dead', p_dead, 'duration_ms', v_ms, 'remaining', p_remaining
  );
END $function$
