import { CdcError } from "../../lib/errors";
import type { MsSqlConfig } from "./config";
import { parseConnectionString } from "./connection-string";

/** A connection as configuration has it: a string, single settings, or both; a setting is stronger. */
export interface ConnectionSettings {
  readonly connection_string?: string;
  readonly host?: string;
  readonly port?: number | string;
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
  readonly encrypt?: boolean | string;
  readonly trust_server_certificate?: boolean | string;
}

const DEFAULT_PORT = 1433;
const YES = ["true", "yes", "on", "1", "mandatory", "strict"];
const NO = ["false", "no", "off", "0", "optional", "disable"];

/**
 * How to reach the database that the settings name.
 * @throws CdcError `CDC_MSSQL_CONNECTION_STRING`, `CDC_MSSQL_NOT_CONFIGURED` naming what is missing or wrong.
 */
export function msSqlConfigOf(settings: ConnectionSettings): MsSqlConfig {
  const { connection_string, trust_server_certificate, ...own } = settings;
  const parts = connection_string === undefined ? {} : parseConnectionString(connection_string);
  const password = own.password ?? parts.password;
  const { applicationName } = parts;
  return {
    host: required("host", own.host ?? parts.host),
    port: portOf(own.port ?? parts.port),
    database: required("database", own.database ?? parts.database),
    user: required("user", own.user ?? parts.user),
    ...(password === undefined ? {} : { password }),
    encrypt: truth("encrypt", own.encrypt ?? parts.encrypt, true),
    trustServerCertificate: truth(
      "trust_server_certificate",
      trust_server_certificate ?? parts.trustServerCertificate,
      false,
    ),
    ...(applicationName === undefined ? {} : { applicationName }),
  };
}

function required(name: string, value: string | undefined): string {
  if (value !== undefined && value !== "") return value;
  throw new CdcError("CDC_MSSQL_NOT_CONFIGURED", `no ${name} is set for SQL Server`, {
    hint: `Set \`${name}\`, or name it in \`connection_string\`.`,
  });
}

function portOf(value: number | string | undefined): number {
  const port = value === undefined || value === "" ? DEFAULT_PORT : Number(value);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw wrong("port", value);
}

// A word that is neither yes nor no must not switch encryption off, or the check of the certificate.
function truth(name: string, value: boolean | string | undefined, otherwise: boolean): boolean {
  const word = String(value ?? "")
    .trim()
    .toLowerCase();
  if (word === "") return otherwise;
  if (YES.includes(word)) return true;
  if (NO.includes(word)) return false;
  throw wrong(name, value);
}

function wrong(name: string, value: unknown): CdcError {
  return new CdcError("CDC_MSSQL_NOT_CONFIGURED", `${name} of SQL Server can't be ${String(value)}`);
}
