-- Makes a capture instance of a table. The role is made when it isn't there; NULL means none.
EXEC sys.sp_cdc_enable_table
  @source_schema = {{schema}},
  @source_name = {{table}},
  @role_name = {{role}},
  @capture_instance = {{instance}},
  @supports_net_changes = {{netChanges}},
  @captured_column_list = {{columns}}{{#filegroup}},
  @filegroup_name = {{name}}{{/filegroup}}
