import { CdcError } from "../../lib/errors";
import { describe, hasPassword, type PgConfig } from "./config";

interface Explanation {
  readonly code: string;
  readonly text: string;
  readonly hint: string;
}

/** What a driver, socket or server error carries. */
interface RawError {
  readonly message: string;
  readonly code?: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly where?: string;
  readonly errors?: readonly unknown[];
}

const BY_CODE: Readonly<Record<string, Explanation>> = {
  "28P01": explain(
    "CDC_PG_PASSWORD",
    "the password was refused",
    "Set the right password in the stack config (cdc:sink) or in PG_<ENV>_PASSWORD.",
  ),
  "28000": explain(
    "CDC_PG_REFUSED",
    "the server refused this user or host",
    "Check the user name, pg_hba.conf, and whether the server wants SSL.",
  ),
  "3D000": explain(
    "CDC_PG_NO_DATABASE",
    "the database does not exist",
    "Create it, or set `manage: database` on the sink so that it is created.",
  ),
  "42501": explain(
    "CDC_PG_PERMISSION",
    "permission denied",
    "Grant the right to this user, or deploy as the owner of the objects.",
  ),
  "2BP01": explain(
    "CDC_PG_DEPENDENT",
    "something else depends on it",
    "Drop what is named (a view, a foreign key), run again, then make it again.",
  ),
  "53100": explain(
    "CDC_PG_DISK_FULL",
    "the server's disk is full",
    "Free disk space on the server, then run again: what was done is kept.",
  ),
  "53200": explain(
    "CDC_PG_MEMORY",
    "the server is out of shared memory",
    "Raise max_locks_per_transaction on the server.",
  ),
  "53300": explain(
    "CDC_PG_CONNECTIONS",
    "the server has no free connection",
    "Close other connections or raise max_connections.",
  ),
  "55P03": explain(
    "CDC_PG_LOCK_TIMEOUT",
    "another session holds a lock on the object",
    "Find it in pg_stat_activity, let it finish, then run again.",
  ),
  "57014": explain(
    "CDC_PG_TIMEOUT",
    "the statement took longer than allowed",
    "Run again when the server is less busy, or raise the statement timeout.",
  ),
  "57P01": explain("CDC_PG_CLOSED", "the server closed the connection", "Run again once the server is up."),
  "57P03": explain("CDC_PG_STARTING", "the server is starting up or shutting down", "Run again in a moment."),
  "25006": explain(
    "CDC_PG_READ_ONLY",
    "the server only accepts reads",
    "Point the connection at the primary, not at a standby.",
  ),
  "58030": explain("CDC_PG_DISK", "the server could not read or write its disk", "Look at the server's log."),
};

const NETWORK: Readonly<Record<string, Explanation>> = {
  ECONNREFUSED: unreachable("nothing listens there", "Start the server, or correct host and port."),
  ENOTFOUND: unreachable("the host name is unknown", "Correct the host name (cdc:sink or PG_<ENV>_HOST)."),
  EAI_AGAIN: unreachable("the host name could not be resolved", "Check the network and the host name."),
  ETIMEDOUT: unreachable("no answer in time", "Check the network, firewall, host and port."),
  EHOSTUNREACH: unreachable("no route to the host", "Check the network and the host."),
  ENETUNREACH: unreachable("no route to the network", "Check the network and the host."),
  ECONNRESET: explain("CDC_PG_CLOSED", "the connection was closed", "Run again once the server is up."),
  EPIPE: explain("CDC_PG_CLOSED", "the connection was closed", "Run again once the server is up."),
};

const NO_PASSWORD = explain(
  "CDC_PG_PASSWORD",
  "the server wants a password and none is set",
  "Set it in the stack config (cdc:sink) or in PG_<ENV>_PASSWORD.",
);

const BY_TEXT: readonly (readonly [RegExp, Explanation])[] = [
  [
    /^cannot alter type of a column used (?:by|in) /,
    explain("CDC_PG_DEPENDENT", "something else uses the column", "Drop what is named, run again, then make it again."),
  ],
  [
    /^role ".*" does not exist$/,
    explain(
      "CDC_PG_NO_ROLE",
      "the role is missing",
      "Create it on the server, or correct application_role of the sink.",
    ),
  ],
  [
    /timeout expired|timeout exceeded when trying to connect/i,
    unreachable("no answer in time", "Check the network, firewall, host and port."),
  ],
  [
    /connection terminated|client has encountered a connection error|connection ended/i,
    explain("CDC_PG_CLOSED", "the connection was closed", "Run again once the server is up."),
  ],
  [
    /does not support SSL/i,
    explain("CDC_PG_SSL", "the server does not support SSL", "Remove `ssl` from the connection settings."),
  ],
  [
    /self.signed|certificate/i,
    explain(
      "CDC_PG_SSL",
      "the server's certificate is not trusted",
      "Install the authority's certificate, or use `ssl: require`.",
    ),
  ],
];

/**
 * Any failure of the driver, the network or the server as a {@link CdcError} that names the place
 * (host:port/database and user), the object at work and the remedy. Never contains the password.
 * @param object What was at work, such as `table cust01.Actor`.
 */
export function toCdcError(error: unknown, config: PgConfig, object?: string): CdcError {
  if (error instanceof CdcError) return error;
  const raw = rawError(error);
  const known = explanationOf(raw, config);
  const place = `PostgreSQL ${describe(config)}`;
  const about = object === undefined ? "" : ` (${object})`;
  const said = known === undefined ? raw.message : `${known.text}: ${raw.message}`;
  const detail = raw.detail === undefined ? "" : ` (${raw.detail})`;
  return new CdcError(known?.code ?? "CDC_PG_ERROR", hidePassword(`${place}${about}: ${said}${detail}`, config), {
    hint: hidePassword(known?.hint ?? raw.hint ?? "Look at the server's log for the statement.", config),
    cause: error,
  });
}

/** SQLSTATE of a server error or code of a socket error; undefined when the error has none. */
export function errorCode(error: unknown): string | undefined {
  if (error instanceof CdcError && error.cause !== undefined) return errorCode(error.cause);
  return rawError(error).code;
}

function explanationOf(raw: RawError, config: PgConfig): Explanation | undefined {
  if (raw.code === "28P01" && !hasPassword(config)) return NO_PASSWORD;
  const byCode = raw.code === undefined ? undefined : (BY_CODE[raw.code] ?? NETWORK[raw.code]);
  return byCode ?? BY_TEXT.find(([pattern]) => pattern.test(raw.message))?.[1];
}

// Node reports a host with several addresses as one AggregateError without a message.
function rawError(error: unknown): RawError {
  if (!isRaw(error)) return { message: String(error) };
  const first = error.errors?.[0];
  return error.message === "" && isRaw(first) ? first : error;
}

// Not `instanceof Error`: an error may come from another realm (a worker, a test runner's sandbox).
function isRaw(error: unknown): error is RawError {
  return typeof error === "object" && error !== null && typeof (error as RawError).message === "string";
}

function hidePassword(text: string, config: PgConfig): string {
  const { password } = config;
  return password === undefined || password.length < 4 ? text : text.replaceAll(password, "***");
}

function explain(code: string, text: string, hint: string): Explanation {
  return { code, text, hint };
}

function unreachable(text: string, hint: string): Explanation {
  return explain("CDC_PG_UNREACHABLE", `cannot be reached, ${text}`, hint);
}
