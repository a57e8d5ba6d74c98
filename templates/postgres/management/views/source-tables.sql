-- Tables by source: state, place, snapshot and why one doesn't go on.
-- view: none
-- Safe to repeat: made anew, since OR REPLACE cannot change columns.
DROP VIEW IF EXISTS cdc_management.v_source_tables;
CREATE VIEW cdc_management.v_source_tables AS
SELECT t.pipeline, t.source, t.schema_name, t.table_name, c.shape ->> 'tenant' AS customer_id, t.state,
  encode(coalesce(t.position, s.position), 'hex') AS position, t.capture_instance, t.snapshot ->> 'phase' AS snapshot_phase,
  (t.snapshot ->> 'rows')::bigint AS snapshot_rows, t.events,
  (
    SELECT count(*) FROM cdc_management.dead_letters AS d
    WHERE d.schema_name = t.schema_name AND d.table_name = t.table_name AND d.resolved_at IS NULL
  ) AS dead_letters,
  t.problem ->> 'code' AS problem_code, t.problem ->> 'message' AS problem, t.problem ->> 'hint' AS hint,
  greatest(t.updated_at, s.updated_at) AS updated_at
FROM cdc_management.source_tables AS t
LEFT JOIN cdc_management.sources AS s ON s.pipeline = t.pipeline AND s.source = t.source
LEFT JOIN cdc_management.merge_control AS c ON c.schema_name = t.schema_name AND c.table_name = t.table_name
ORDER BY t.pipeline, t.source, t.schema_name, t.table_name
