import { CdcError } from "../../lib/errors";
import { describe, hasPassword, type MsSqlConfig } from "./config";
import { BY_NUMBER, retry, stop, type Explanation, type FailureKind } from "./error-numbers";

/** What a driver, socket or server error carries. */
interface RawError {
  readonly message: string;
  readonly code?: string;
  readonly number?: number;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
}

const CLOSED = retry("CLOSED", "the connection was closed", "Run again once the server is up.");

const NETWORK: Readonly<Record<string, Explanation>> = {
  ECONNREFUSED: unreachable("nothing listens there", "Start the server, or correct host and port."),
  ENOTFOUND: unreachable("the host name is unknown", "Correct the host name (cdc:source or MSSQL_<ENV>_HOST)."),
  EAI_AGAIN: unreachable("the host name could not be resolved", "Check the network and the host name."),
  ETIMEDOUT: unreachable("no answer in time", "Check the network, firewall, host and port."),
  EHOSTUNREACH: unreachable("no route to the host", "Check the network and the host."),
  ENETUNREACH: unreachable("no route to the network", "Check the network and the host."),
  ECONNRESET: CLOSED,
  EPIPE: CLOSED,
  ECONNCLOSED: CLOSED,
};

const NO_PASSWORD = stop(
  "PASSWORD",
  "the server wants a password and none is set",
  "Set it in the stack config (cdc:source) or in MSSQL_<ENV>_PASSWORD.",
);

const BY_TEXT: readonly (readonly [RegExp, Explanation])[] = [
  [/Failed to connect .* in \d+ms/, unreachable("no answer in time", "Check the network, firewall, host and port.")],
  [
    /Timeout: Request failed to complete/,
    retry("TIMEOUT", "the statement took longer than allowed", "Run again when the server is less busy."),
  ],
  [
    /self.signed|certificate|altnames/i,
    stop(
      "CERTIFICATE",
      "the server's certificate is not trusted",
      "Install the authority's certificate, or set trustServerCertificate if nobody can stand in between.",
    ),
  ],
  [
    /does not support encryption|requires encryption/i,
    stop("ENCRYPTION", "server and client do not agree on encryption", "Change `encrypt` in the connection settings."),
  ],
  [/Connection lost|socket hang up|Premature close|unexpected end of data|Connection closed/i, CLOSED],
];

// The procedures that change the capture wrap the error that tells what was wrong.
const WRAPPERS = new Set([22830, 22831, 22832, 22833]);

/**
 * Any failure of the driver, the network or the server as a {@link CdcError} that names the place
 * (host:port/database and user), the object at work and the remedy. Never contains the password.
 * @param object What was at work, such as `table dbo.Actor`.
 */
export function toCdcError(error: unknown, config: MsSqlConfig, object?: string): CdcError {
  if (error instanceof CdcError) return error;
  const raw = rawError(error);
  const known = explanationOf(raw, config);
  const about = object === undefined ? "" : ` (${object})`;
  const number = raw.number === undefined ? "" : ` (error ${String(raw.number)})`;
  const said = known === undefined ? raw.message : `${known.text}: ${raw.message}`;
  const message = `SQL Server ${describe(config)}${about}: ${said}${number}`;
  return new CdcError(known?.code ?? "CDC_MSSQL_ERROR", hidePassword(message, config), {
    hint: known?.hint ?? "Look up the error's number, or look at the server's log.",
    cause: error,
  });
}

/** What to do with a failure, also after {@link toCdcError}. What we don't know stops. */
export function failureKind(error: unknown): FailureKind {
  if (error instanceof CdcError) return error.cause === undefined ? "stop" : failureKind(error.cause);
  return explanationOf(rawError(error))?.kind ?? "stop";
}

/** Number of a server error, such as 1205; undefined when the error has none. */
export function errorNumber(error: unknown): number | undefined {
  if (error instanceof CdcError) return error.cause === undefined ? undefined : errorNumber(error.cause);
  return rawError(error).number;
}

function explanationOf(raw: RawError, config?: MsSqlConfig): Explanation | undefined {
  if (raw.number === 18456 && config !== undefined && !hasPassword(config)) return NO_PASSWORD;
  const byNumber = raw.number === undefined ? undefined : BY_NUMBER[raw.number];
  const byText = (): Explanation | undefined => BY_TEXT.find(([pattern]) => pattern.test(raw.message))?.[1];
  return byNumber ?? socketExplanation(raw) ?? byText() ?? (raw.code === "ESOCKET" ? CLOSED : undefined);
}

// The driver wraps the socket's error in its own, sometimes twice.
function socketExplanation(raw: RawError): Explanation | undefined {
  for (let error: unknown = raw, depth = 0; isRaw(error) && depth < 4; depth += 1) {
    const found = error.code === undefined ? undefined : NETWORK[error.code];
    if (found !== undefined && error.code !== "ECONNCLOSED") return found;
    const inner: unknown = error.cause ?? error.errors?.[0];
    if (inner === undefined) return found;
    error = inner;
  }
  return undefined;
}

// Of several errors of one statement, the first that says more than "it failed".
function rawError(error: unknown): RawError {
  if (!isRaw(error)) return { message: String(error) };
  const all = (error.errors ?? []).filter(isRaw);
  const numbered = all.filter(({ number }) => number !== undefined);
  const known = numbered.find(({ number = 0 }) => number in BY_NUMBER && !WRAPPERS.has(number));
  return known ?? numbered[0] ?? (error.message === "" ? (all[0] ?? error) : error);
}

// Not `instanceof Error`: an error may come from another realm (a worker, a test runner's sandbox).
function isRaw(error: unknown): error is RawError {
  return typeof error === "object" && error !== null && typeof (error as RawError).message === "string";
}

function hidePassword(text: string, config: MsSqlConfig): string {
  const { password } = config;
  return password === undefined || password.length < 4 ? text : text.replaceAll(password, "***");
}

function unreachable(text: string, hint: string): Explanation {
  return retry("UNREACHABLE", `cannot be reached, ${text}`, hint);
}
