-- State of each table: merging, failing, pending or idle, as seen from any session.
-- view: lockSpace
-- Safe to repeat: made anew, since OR REPLACE cannot change columns.
DROP VIEW IF EXISTS cdc_management.v_merge_status;
CREATE VIEW cdc_management.v_merge_status AS
SELECT c.schema_name, c.table_name, c.shape ->> 'tenant' AS customer_id,
  CASE
    WHEN m.objid IS NOT NULL THEN 'merging'
    WHEN c.error_count > 0 THEN 'failing'
    WHEN p.marked_at IS NOT NULL THEN 'pending'
    ELSE 'idle'
  END AS status,
  m.objid IS NOT NULL AS is_merging, p.marked_at AS pending_since, c.total_merges, c.total_rows_merged, c.last_rows_merged,
  c.last_merge_at, c.last_duration_ms, c.error_count, c.last_error, c.last_error_at, c.retry_at,
  (
    SELECT count(*) FROM cdc_management.dead_letters AS d
    WHERE d.schema_name = c.schema_name AND d.table_name = c.table_name AND d.resolved_at IS NULL
  ) AS dead_letters
FROM cdc_management.merge_control AS c
LEFT JOIN LATERAL (
  SELECT min(q.marked_at) AS marked_at FROM cdc_management.merge_pending AS q WHERE q.table_id = c.table_id
) AS p ON true
LEFT JOIN (
  SELECT DISTINCT l.objid
  FROM pg_catalog.pg_locks AS l
  WHERE l.locktype = 'advisory' AND l.granted AND l.classid = {{lockSpace}}::oid AND l.objsubid = 2
    AND l.database = (SELECT b.oid FROM pg_catalog.pg_database AS b WHERE b.datname = pg_catalog.current_database())
) AS m ON m.objid = c.table_id::oid
WHERE c.unregistered_at IS NULL
