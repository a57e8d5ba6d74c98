import { CdcError } from "../../lib/errors";
import type { PgConfig } from "./config";
import { parseConnectionString, sslOf } from "./connection-string";

/** A connection as configuration has it: a string, single settings, or both; a setting is stronger. */
export interface ConnectionSettings {
  readonly connection_string?: string;
  readonly host?: string;
  readonly port?: number | string;
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
  /** A word of libpq's `sslmode`. */
  readonly ssl?: string;
}

const DEFAULT_PORT = 5432;

/**
 * How to reach the database that the settings name.
 * @throws CdcError `CDC_PG_CONNECTION_STRING`, `CDC_PG_NOT_CONFIGURED` naming what is missing or wrong.
 */
export function pgConfigOf(settings: ConnectionSettings): PgConfig {
  const { connection_string, ...own } = settings;
  const parts = connection_string === undefined ? {} : parseConnectionString(connection_string);
  const password = own.password ?? parts.password;
  const ssl = sslOf(own.ssl ?? parts.ssl);
  return {
    host: required("host", own.host ?? parts.host),
    port: portOf(own.port ?? parts.port),
    database: required("database", own.database ?? parts.database),
    user: required("user", own.user ?? parts.user),
    ...(password === undefined ? {} : { password }),
    ...(ssl === undefined ? {} : { ssl }),
  };
}

function required(name: string, value: string | undefined): string {
  if (value !== undefined && value !== "") return value;
  throw new CdcError("CDC_PG_NOT_CONFIGURED", `no ${name} is set for PostgreSQL`, {
    hint: `Set \`${name}\`, or name it in \`connection_string\`.`,
  });
}

function portOf(value: number | string | undefined): number {
  const port = value === undefined || value === "" ? DEFAULT_PORT : Number(value);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new CdcError("CDC_PG_NOT_CONFIGURED", `port of PostgreSQL can't be ${String(value)}`);
}
