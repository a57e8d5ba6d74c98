-- Takes the pg_cron jobs away.
-- view: keepWhenUsed
-- Safe to repeat: only jobs that are there.
DO $job$
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'pg_cron')
{{#keepWhenUsed}}
    AND to_regnamespace('cdc_management') IS NULL
{{/keepWhenUsed}}
  THEN
    PERFORM cron.unschedule(j.jobid) FROM cron.job AS j
    WHERE j.jobname IN ('cdc-merge ' || current_database(), 'cdc-prune ' || current_database());
  END IF;
END $job$
