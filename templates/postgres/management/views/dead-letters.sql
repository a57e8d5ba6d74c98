-- Dead letters that nobody has resolved.
-- view: none
-- Safe to repeat: made anew, since OR REPLACE cannot change columns.
DROP VIEW IF EXISTS cdc_management.v_dead_letters;
CREATE VIEW cdc_management.v_dead_letters AS
SELECT d.id, d.schema_name, d.table_name, d.pipeline, encode(d.position, 'hex') AS position, d.operation, d.reason,
  d.sqlstate, d.attempts, d.first_seen, d.last_tried, d.payload
FROM cdc_management.dead_letters AS d
WHERE d.resolved_at IS NULL
ORDER BY d.id
