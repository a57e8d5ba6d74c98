import type { Templates } from "./template";

/** Messages of change data capture (22800 to 22999). */
export const CDC_MESSAGES: Templates = {
  22901: [
    16,
    1,
    "The database '%s' is not enabled for Change Data Capture. Ensure that the correct database context is set and retry the operation. To report on the databases enabled for Change Data Capture, query the is_cdc_enabled column in the sys.databases catalog view.",
  ],
  22906: [
    16,
    1,
    "The database '%s' cannot be enabled for Change Data Capture because a database user named 'cdc' or a schema named 'cdc' already exists in the current database. These objects are required exclusively by Change Data Capture. Drop or rename the user or schema and retry the operation.",
  ],
  22907: [
    16,
    1,
    "Parameter @role_name cannot be empty. Specify a value for @role_name and retry the operation. Supply null as the value if no gating role is to be used to gate access to captured change data.",
  ],
  22913: [
    16,
    1,
    "Could not process the metadata that tracks the captured columns: column '%s' of '%s' does not exist.",
  ],
  22926: [
    16,
    1,
    "Could not create a capture instance because the capture instance name '%s' already exists in the current database. Specify an explicit unique name for the parameter @capture_instance.",
  ],
  22927: [
    16,
    1,
    "Could not create the capture instance '%s' because the name is too long; it cannot exceed 100 characters.",
  ],
  22931: [
    16,
    1,
    "Source table '%s' does not exist in the current database. Ensure that the correct database context is set. Specify a valid schema and table name for the database.",
  ],
  22939: [
    16,
    1,
    "The parameter @supports_net_changes is set to 1, but the source table does not have a primary key defined and no alternate unique index has been specified.",
  ],
  22943: [
    16,
    1,
    "Columns used to uniquely identify a row for net change tracking must be included in the list of captured columns. Add either the primary key columns of the source table, or the columns defined for the index specified in the parameter @index_name to the list of captured columns and retry the operation.",
  ],
  22957: [
    16,
    1,
    "LSN %s, specified as the new low end point for the change table associated with capture instance '%s', is not within the Change Data Capture timeline [%s, %s].",
  ],
  22960: [
    16,
    1,
    "Change data capture instance '%s' has not been enabled for the source table '%s.%s'. Use sys.sp_cdc_help_change_data_capture to verify the capture instance name and retry the operation.",
  ],
  22962: [
    16,
    1,
    "Two capture instances already exist for source table '%s.%s'. A table can have at most two capture instances. If the current tracking options are not appropriate, disable change tracking for the obsolete instance by using sys.sp_cdc_disable_table and retry the operation.",
  ],
  22964: [
    16,
    1,
    "LSN %s, specified as the new low end point for change table cleanup, must represent the start_lsn value of a current entry in the cdc.lsn_time_mapping table. Choose an LSN value that satisfies this requirement.",
  ],
  22974: [
    16,
    1,
    "Tables contained in the changed data capture schema cannot be enabled for Change Data Capture. Verify that the table is not in the schema 'cdc'.",
  ],
  22975: [
    16,
    1,
    "Source table '%s' contains one of the following reserved column names: __$start_lsn, __$end_lsn, __$seqval, __$operation, and __$update_mask. To enable Change Data Capture for this table, specify a captured column list and ensure that these columns are excluded from the list.",
  ],
  22985: [
    16,
    1,
    "Change data capture has not been enabled for source table '%s.%s'. Specify the name of a table enabled for Change Data Capture. To report on the tables enabled for Change Data Capture, query the is_tracked_by_cdc column in the sys.tables catalog view.",
  ],
  22988: [
    16,
    1,
    "This instance of SQL Server is the %s. Change data capture is only available in the Enterprise, Developer, and Enterprise Evaluation editions.",
  ],
  22989: [
    16,
    1,
    "Could not enable Change Data Capture for database '%s'. Change data capture is not supported on system databases, or on a distribution database.",
  ],
};
