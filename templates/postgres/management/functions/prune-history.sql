-- Forgets old rows of the processing log and the error log, and old dead letters that are resolved.
-- view: none
-- Safe to repeat: OR REPLACE.
CREATE OR REPLACE FUNCTION cdc_management.prune_history(p_older_than interval DEFAULT '30 days') RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  DELETE FROM cdc_management.cdc_processing_log AS l WHERE l.merged_at < now() - p_older_than;
  DELETE FROM cdc_management.error_log AS e WHERE e.occurred_at < now() - p_older_than;
  DELETE FROM cdc_management.dead_letters AS d WHERE d.resolved_at < now() - p_older_than;
END $function$
