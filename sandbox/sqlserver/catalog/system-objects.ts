/** Procedures and functions of schema sys that OBJECT_ID finds, whether CDC is on or not. */
const NAMES = [
  "sp_cdc_enable_db",
  "sp_cdc_disable_db",
  "sp_cdc_enable_table",
  "sp_cdc_disable_table",
  "sp_cdc_scan",
  "sp_cdc_help_change_data_capture",
  "sp_cdc_cleanup_change_table",
  "sp_cdc_get_ddl_history",
  "sp_cdc_help_jobs",
  "sp_cdc_change_job",
  "sp_cdc_start_job",
  "sp_cdc_stop_job",
  "sp_cdc_add_job",
  "sp_cdc_drop_job",
  "sp_cdc_get_captured_columns",
  "fn_cdc_get_max_lsn",
  "fn_cdc_get_min_lsn",
  "fn_cdc_increment_lsn",
  "fn_cdc_decrement_lsn",
  "fn_cdc_map_lsn_to_time",
  "fn_cdc_map_time_to_lsn",
  "fn_cdc_has_column_changed",
  "fn_cdc_is_bit_set",
  "fn_cdc_get_column_ordinal",
  "sp_executesql",
  "sp_rename",
  "sp_addextendedproperty",
];

/** Their ids; negative, as those of system objects are. */
export const SYSTEM_OBJECTS: ReadonlyMap<number, string> = new Map(NAMES.map((name, i) => [-1000 - i, name]));

/** The id of `sys.name` or of a bare `sp_…`; undefined for other names. */
export function systemObjectId(parts: readonly string[]): number | undefined {
  const name = (parts.at(-1) ?? "").toLowerCase();
  const schema = (parts.at(-2) ?? "").toLowerCase();
  if (schema !== "sys" && !(schema === "" && name.startsWith("sp_"))) return undefined;
  const index = NAMES.indexOf(name);
  return index < 0 ? undefined : -1000 - index;
}
