import { CdcError } from "../../lib/errors";
import type { MsSqlConfig } from "./config";

/** `cdc:source`, one entry of `cdc:sources`, or a server of source-groups.yaml. */
export interface SourceSettings {
  readonly host?: string;
  readonly port?: number | string;
  readonly user?: string;
  readonly password?: string;
  readonly encrypt?: string | boolean;
  readonly trustServerCertificate?: string | boolean;
}

/** Where a source server's settings are looked for, strongest first. */
export interface SourceSettingsSources {
  /** `cdc:sources` of the stack config, decrypted: by server name. */
  readonly sources?: Readonly<Record<string, SourceSettings>>;
  /** `cdc:source` of the stack config: for every server. */
  readonly source?: SourceSettings;
  /** The process's environment: `MSSQL_<ENV>_HOST|PORT|USER|PASSWORD|ENCRYPT|TRUST_SERVER_CERTIFICATE`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `servers` of the group in source-groups.yaml, variables resolved. Weakest: what a deployment sets wins over files. */
  readonly servers?: Readonly<Record<string, SourceSettings>>;
}

/** A server that sources name. */
export interface SourceConnection {
  readonly environment: string;
  /** Name of the server in source-groups.yaml, such as `hospital`. */
  readonly server: string;
}

const DEFAULT_PORT = 1433;
const VARIABLES: Readonly<Record<keyof SourceSettings, string>> = {
  host: "HOST",
  port: "PORT",
  user: "USER",
  password: "PASSWORD",
  encrypt: "ENCRYPT",
  trustServerCertificate: "TRUST_SERVER_CERTIFICATE",
};

/**
 * How to reach a database of a source's server.
 * @throws CdcError (CDC_MSSQL_NOT_CONFIGURED) naming the setting that is missing or wrong.
 */
export function sourceMsSqlConfig(
  connection: SourceConnection,
  database: string,
  sources: SourceSettingsSources,
): MsSqlConfig {
  const pick = picker(connection, sources);
  const required = (name: "host" | "user"): string => {
    const value = pick(name);
    if (value === undefined) throw missing(connection, name);
    return value;
  };
  const password = pick("password");
  return {
    host: required("host"),
    port: portNumber(pick("port"), connection),
    user: required("user"),
    ...(password === undefined ? {} : { password }),
    database,
    encrypt: truth(pick("encrypt"), true, connection, "encrypt"),
    trustServerCertificate: truth(pick("trustServerCertificate"), false, connection, "trustServerCertificate"),
  };
}

function picker({ environment, server }: SourceConnection, sources: SourceSettingsSources) {
  const prefix = variablePrefix(environment);
  const own = entryOf(sources.sources, server);
  const file = entryOf(sources.servers, server);
  return (name: keyof SourceSettings): string | undefined =>
    text(own?.[name]) ??
    text(sources.source?.[name]) ??
    text(sources.env[`${prefix}_${VARIABLES[name]}`]) ??
    text(file?.[name]);
}

function entryOf(entries: Readonly<Record<string, SourceSettings>> | undefined, name: string) {
  return entries !== undefined && Object.hasOwn(entries, name) ? entries[name] : undefined;
}

/** `MSSQL_DEV` for `dev`: how the variables of an environment begin. */
function variablePrefix(environment: string): string {
  return `MSSQL_${environment.toUpperCase().replace(/[^A-Z0-9]+/g, "_")}`;
}

// An empty variable counts as absent: CI systems set unknown variables to "".
function text(value: string | number | boolean | undefined): string | undefined {
  return value === undefined || value === "" ? undefined : String(value);
}

function portNumber(value: string | undefined, connection: SourceConnection): number {
  const port = value === undefined ? DEFAULT_PORT : Number(value);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw wrong(connection, "port", `not a port number: ${String(value)}`);
}

// A word that is neither yes nor no must not switch encryption off, or the check of the certificate.
function truth(
  value: string | undefined,
  otherwise: boolean,
  connection: SourceConnection,
  name: keyof SourceSettings,
): boolean {
  if (value === undefined) return otherwise;
  const word = value.trim().toLowerCase();
  if (["true", "yes", "on", "1", "mandatory"].includes(word)) return true;
  if (["false", "no", "off", "0", "optional"].includes(word)) return false;
  throw wrong(connection, name, `neither true nor false: ${value}`);
}

function wrong({ server }: SourceConnection, name: keyof SourceSettings, what: string): CdcError {
  return new CdcError("CDC_MSSQL_NOT_CONFIGURED", `the ${name} of SQL Server ${server} is ${what}`);
}

function missing({ environment, server }: SourceConnection, name: keyof SourceSettings): CdcError {
  const variable = `${variablePrefix(environment)}_${VARIABLES[name]}`;
  return new CdcError(
    "CDC_MSSQL_NOT_CONFIGURED",
    `no ${name} is set for SQL Server ${server} in environment ${environment}`,
    {
      hint: `Set it with \`pulumi config set --path cdc:sources.${server}.${name} <${name}>\`, in ${variable} or in source-groups.yaml.`,
    },
  );
}
