-- What was deployed: one row per file and schema, the newest.
-- view: rows
-- Safe to repeat.
INSERT INTO cdc_management.migration_history
  (file_name, checksum, schema_name, category, outcome, tool_version, applied_by, execution_ms)
SELECT r.*, round(1000 * extract(epoch FROM clock_timestamp() - now()))
FROM (VALUES
  {{rows}}
) AS r (file_name, checksum, schema_name, category, outcome, tool_version, applied_by)
ON CONFLICT (file_name, schema_name) DO UPDATE
SET checksum = excluded.checksum, category = excluded.category, outcome = excluded.outcome,
  tool_version = excluded.tool_version, applied_by = excluded.applied_by, execution_ms = excluded.execution_ms,
  applied_at = excluded.applied_at
