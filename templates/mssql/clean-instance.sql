-- Removes the changes of one capture instance that are older than the low water mark, in batches.
EXEC sys.sp_cdc_cleanup_change_table @capture_instance = {{instance}}, @low_water_mark = {{lowWater}}, @threshold = {{threshold}}
