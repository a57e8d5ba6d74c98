-- Time between a change at the source and its merge, from each table's newest merge, and how long rows wait now.
-- view: none
-- Safe to repeat: made anew, since OR REPLACE cannot change columns.
DROP VIEW IF EXISTS cdc_management.v_cdc_replication_lag;
CREATE VIEW cdc_management.v_cdc_replication_lag AS
SELECT c.schema_name, c.table_name, c.shape ->> 'tenant' AS customer_id, l.merged_at AS last_merge_at,
  to_timestamp(l.last_source_ts_ms / 1000.0) AS last_source_at,
  (1000 * extract(epoch FROM l.merged_at))::bigint - l.last_source_ts_ms AS lag_ms,
  (1000 * extract(epoch FROM clock_timestamp() - p.marked_at))::bigint AS pending_ms
FROM cdc_management.merge_control AS c
LEFT JOIN LATERAL (
  SELECT g.merged_at, g.last_source_ts_ms FROM cdc_management.cdc_processing_log AS g
  WHERE g.table_id = c.table_id ORDER BY g.id DESC LIMIT 1
) AS l ON true
LEFT JOIN LATERAL (
  SELECT min(q.marked_at) AS marked_at FROM cdc_management.merge_pending AS q WHERE q.table_id = c.table_id
) AS p ON true
WHERE c.unregistered_at IS NULL
