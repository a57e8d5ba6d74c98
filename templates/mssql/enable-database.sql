-- Turns change data capture on in the current database. Already on is fine (error 22905 has severity 10).
EXEC sys.sp_cdc_enable_db
