/** SQLSTATEs that our own statements and functions raise, each with MESSAGE and HINT for the user. */
export const SQLSTATE = {
  /** `record_checkpoint`: the lease has passed to somebody else; the transaction must not commit. */
  staleLease: "CDC01",
  /** Internal to the merge procedure; never leaves it. */
  lateRows: "CDC02",
  /** A table that still holds rows would be dropped. */
  tableNotEmpty: "CDC03",
  /** A schema that holds what we do not manage would be dropped. */
  schemaNotEmpty: "CDC04",
  /** Stored rows do not fit the change asked for. */
  rowsDoNotFit: "CDC05",
  /** The schema `cdc_management` was made by a newer version of this program. */
  newerManagement: "CDC06",
  /** The merge was called in another isolation level than READ COMMITTED. */
  wrongIsolation: "CDC07",
  /** A `target_exists` table is missing or lacks what the merge needs. */
  targetUnfit: "CDC08",
  /** `stage_events`: a pipeline document lacks columns of the table. */
  documentOlder: "CDC09",
} as const;
