-- Run once, in POSTGRES_DB, when the volume is new. `cdc up` makes its jobs where it finds the extension.
CREATE EXTENSION IF NOT EXISTS pg_cron;
