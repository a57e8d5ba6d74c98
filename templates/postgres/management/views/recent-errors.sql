-- The last 100 merges that failed.
-- view: none
-- Safe to repeat: made anew, since OR REPLACE cannot change columns.
DROP VIEW IF EXISTS cdc_management.v_recent_errors;
CREATE VIEW cdc_management.v_recent_errors AS
SELECT e.occurred_at, e.schema_name, e.table_name, e.operation, e.sqlstate, e.message, e.detail
FROM cdc_management.error_log AS e
ORDER BY e.id DESC
LIMIT 100
