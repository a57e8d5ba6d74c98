-- The pg_cron jobs that merge what is pending and forget what is old, when the extension is installed here.
-- view: none
-- Safe to repeat: cron.schedule replaces a job of the same name.
DO $job$
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'pg_cron') THEN
    PERFORM cron.schedule('cdc-merge ' || current_database(), '5 seconds', 'CALL cdc_management.trigger_pending_merges()');
    PERFORM cron.schedule('cdc-prune ' || current_database(), '17 3 * * *',
      'SELECT cdc_management.prune_tombstones(); SELECT cdc_management.prune_history()');
  END IF;
END $job$
