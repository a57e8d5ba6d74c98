-- Turns change data capture off in the current database, with everything that it captured.
EXEC sys.sp_cdc_disable_db
