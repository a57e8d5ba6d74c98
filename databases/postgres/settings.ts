import { CdcError } from "../../lib/errors";
import type { PgConfig } from "./config";

/** `cdc:sink` (or one entry of `cdc:sinks`) of the stack config, decrypted. */
export interface SinkSettings {
  readonly host?: string;
  readonly port?: number | string;
  readonly user?: string;
  readonly password?: string;
  readonly ssl?: string | boolean;
}

/** Where a connection's settings are looked for. */
export interface SettingsSources {
  /** `cdc:sink`: for every sink. */
  readonly sink?: SinkSettings;
  /** `cdc:sinks`: by sink name, stronger than `sink`. */
  readonly sinks?: Readonly<Record<string, SinkSettings>>;
  /** The process's environment: `PG_<ENV>_HOST|PORT|USER|PASSWORD|SSL`, for what the stack config leaves out. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What a resource's `connection` property names. */
export interface SinkConnection {
  readonly environment: string;
  /** Sink name in the config, such as `main.directory`. */
  readonly sink: string;
}

const DEFAULT_PORT = 5432;
const DEFAULT_USER = "postgres";

/** The `connection` property of a sink's resources: a name, never a secret. */
export function connectionName({ environment, sink }: SinkConnection): string {
  return `sink:${environment}:${sink}`;
}

/** @throws CdcError when the text isn't a connection name. */
export function parseConnectionName(text: string): SinkConnection {
  const match = /^sink:([^:]+):(.+)$/.exec(text);
  if (match === null) throw new CdcError("CDC_CONNECTION_NAME", `"${text}" is not a connection name`);
  const [, environment = "", sink = ""] = match;
  return { environment, sink };
}

/** `PG_DEV` for `dev`: how the variables of an environment begin. */
export function environmentPrefix(environment: string): string {
  return `PG_${environment.toUpperCase().replace(/[^A-Z0-9]+/g, "_")}`;
}

/**
 * How to reach a sink's database.
 * @throws CdcError naming the setting that is missing or wrong.
 */
export function sinkPgConfig(connection: SinkConnection, database: string, sources: SettingsSources): PgConfig {
  const pick = picker(connection, sources);
  const host = pick("host");
  if (host === undefined) throw missingHost(connection, environmentPrefix(connection.environment));
  const password = pick("password");
  const ssl = sslMode(pick("ssl"));
  return {
    host,
    port: portNumber(pick("port"), connection),
    user: pick("user") ?? DEFAULT_USER,
    database,
    ...(password === undefined ? {} : { password }),
    ...(ssl === undefined ? {} : { ssl }),
  };
}

/** `host:port` of a sink's server, to tell servers apart; undefined when no host is set. */
export function sinkServer(connection: SinkConnection, sources: SettingsSources): string | undefined {
  const pick = picker(connection, sources);
  const host = pick("host");
  return host === undefined ? undefined : `${host.toLowerCase()}:${pick("port") ?? String(DEFAULT_PORT)}`;
}

function picker({ environment, sink }: SinkConnection, sources: SettingsSources) {
  const own = sources.sinks?.[sink];
  return (name: keyof SinkSettings): string | undefined =>
    text(own?.[name]) ??
    text(sources.sink?.[name]) ??
    text(sources.env[`${environmentPrefix(environment)}_${name.toUpperCase()}`]);
}

// An empty variable counts as absent: CI systems set unknown variables to "".
function text(value: string | number | boolean | undefined): string | undefined {
  return value === undefined || value === "" ? undefined : String(value);
}

function portNumber(value: string | undefined, connection: SinkConnection): number {
  const port = value === undefined ? DEFAULT_PORT : Number(value);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new CdcError(
    "CDC_PG_NOT_CONFIGURED",
    `the port of sink ${connection.sink} is not a port number: ${String(value)}`,
  );
}

function sslMode(value: string | undefined): "require" | "verify" | undefined {
  if (value === undefined || ["false", "disable", "off", "no"].includes(value)) return undefined;
  return ["verify", "verify-full", "verify-ca"].includes(value) ? "verify" : "require";
}

function missingHost(connection: SinkConnection, prefix: string): CdcError {
  const { sink, environment } = connection;
  return new CdcError(
    "CDC_PG_NOT_CONFIGURED",
    `no PostgreSQL host is set for sink ${sink} in environment ${environment}`,
    {
      hint: `Set it with \`pulumi config set --path cdc:sink.host <host>\` or in ${prefix}_HOST.`,
    },
  );
}
