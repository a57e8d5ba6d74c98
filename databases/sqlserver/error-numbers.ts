/** What to do with a failure: try again, stop and tell, or treat as rows that the source no longer has. */
export type FailureKind = "retry" | "stop" | "gap";

/** What a server error's number means. */
export interface Explanation {
  readonly code: string;
  readonly text: string;
  readonly hint: string;
  readonly kind: FailureKind;
}

export function stop(code: string, text: string, hint: string): Explanation {
  return { code: `CDC_MSSQL_${code}`, text, hint, kind: "stop" };
}

export function retry(code: string, text: string, hint: string): Explanation {
  return { code: `CDC_MSSQL_${code}`, text, hint, kind: "retry" };
}

function each(numbers: readonly number[], explanation: Explanation): Record<number, Explanation> {
  return Object.fromEntries(numbers.map((number) => [number, explanation]));
}

const PERMISSION = stop(
  "PERMISSION",
  "permission denied",
  "Grant SELECT on the captured columns and membership of the gating role, or connect as db_owner.",
);
const GAP = { kind: "gap" } as const;

const ACCESS: Readonly<Record<number, Explanation>> = {
  18456: stop(
    "PASSWORD",
    "the login was refused",
    "Set the right user and password in the stack config (cdc:source) or in MSSQL_<ENV>_USER and MSSQL_<ENV>_PASSWORD.",
  ),
  ...each(
    [18452, 18470, 18486, 18487, 18488],
    stop("REFUSED", "the server refuses this login", "Unlock, enable or reset the login on the server."),
  ),
  ...each(
    [4060, 911],
    stop("NO_DATABASE", "the database cannot be opened", "Check its name, and that the login has a user in it."),
  ),
  ...each([229, 230, 262, 297, 300, 916, 15247, 22902, 22904], PERMISSION),
  ...each(
    [208, 2812],
    stop(
      "NO_OBJECT",
      "the object does not exist",
      "Check that it is there, and that its capture instance was not dropped: deploy again to enable it.",
    ),
  ),
};

const CAPTURE: Readonly<Record<number, Explanation>> = {
  313: {
    ...stop(
      "GAP",
      "the range of changes asked for is not there any more, or not yet",
      "Changes were cleaned up before they were read: take a new snapshot of the table, or raise the retention.",
    ),
    ...GAP,
  },
  ...each(
    [22830, 22831, 22832, 22833],
    stop("CAPTURE_FAILED", "change data capture could not be changed", "The server's text says which step failed."),
  ),
  22871: stop("TIER", "this tier of Azure SQL has no change data capture", "Use S3 or a vCore tier."),
  ...each(
    [22874, 22875, 22876, 22877],
    stop(
      "EXTENDED_DDL",
      "extended DDL handling is not possible here",
      "Use a shorter capture instance name, and one per table.",
    ),
  ),
  22901: stop(
    "NOT_ENABLED",
    "change data capture is off in this database",
    "Turn it on with `cdc manage-migrations enable-cdc`.",
  ),
  22905: stop("ALREADY_ENABLED", "change data capture is on already", "Nothing is to be done."),
  22906: stop(
    "CDC_USER_EXISTS",
    "a user or schema named cdc is in the way",
    "Rename it: change data capture needs that name.",
  ),
  22907: stop("EMPTY_ROLE", "the gating role's name is empty", "Name a role, or none at all."),
  22926: stop("INSTANCE_NAME", "the capture instance's name is taken", "Choose another, or disable the old one."),
  22927: stop("INSTANCE_NAME", "the capture instance's name is too long", "Use at most 100 characters."),
  22931: stop("NO_TABLE", "the source table does not exist", "Check its schema and name, in the case of the database."),
  22939: stop("NO_KEY", "net changes need a primary key or unique index", "Add one, or turn net changes off."),
  22943: stop("KEY_NOT_CAPTURED", "a key column is not captured", "Capture all columns of the key."),
  22957: stop("CLEANUP", "the clean-up's low water mark is not valid", "Use a mark between the first and last change."),
  22960: stop("NO_INSTANCE", "there is no such capture instance", "Deploy again to enable it."),
  22962: stop(
    "TWO_INSTANCES",
    "the table has two capture instances, the most there can be",
    "Disable one: sys.sp_cdc_help_change_data_capture lists them.",
  ),
  22964: stop("CLEANUP", "the clean-up could not work", "The server's text says why; run it again later."),
  22974: stop("CDC_SCHEMA_TABLE", "tables of schema cdc cannot be captured", "Leave the table out."),
  22975: stop(
    "RESERVED_COLUMN",
    "the table has a column with a reserved name",
    "Rename it, or leave it out of the capture.",
  ),
  22985: stop("TABLE_NOT_ENABLED", "the table is not captured", "Turn it on with `cdc manage-migrations enable-cdc`."),
  22988: stop(
    "EDITION",
    "this edition of SQL Server has no change data capture",
    "Use Standard, Enterprise or Developer.",
  ),
  22989: stop("SYSTEM_DATABASE", "system databases cannot be captured", "Name a database of your own."),
};

const TRANSIENT: Readonly<Record<number, Explanation>> = {
  1205: retry("DEADLOCK", "the server chose this as the victim of a deadlock", "Run again."),
  1222: retry(
    "LOCK_TIMEOUT",
    "another session holds a lock",
    "Find it in sys.dm_tran_locks, let it finish, run again.",
  ),
  3960: retry("SNAPSHOT_CONFLICT", "another transaction changed the rows meanwhile", "Run again."),
  ...each(
    [701, 802, 8645, 8651, 10928, 10929, 40501, 49918, 49919, 49920],
    retry("BUSY", "the server is short of memory or workers", "Run again when it is less busy."),
  ),
  ...each(
    [921, 922, 927, 942, 945, 976, 978, 979, 983, 9001, 40197, 40613],
    retry("DATABASE_OFFLINE", "the database is not online now", "Run again once it is; look at a failover or restore."),
  ),
  ...each([6005, 17142, 17809, 17830], retry("STARTING", "the server is starting up or shutting down", "Run again.")),
};

/** Server errors that we know, by number. */
export const BY_NUMBER: Readonly<Record<number, Explanation>> = { ...ACCESS, ...CAPTURE, ...TRANSIENT };
