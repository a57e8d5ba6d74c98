-- Removes one capture instance of a table, with its changes.
EXEC sys.sp_cdc_disable_table
  @source_schema = {{schema}},
  @source_name = {{table}},
  @capture_instance = {{instance}}
