import { placeOf, type ServerKind, type WrittenPlace } from "../place-settings";
import type { PgConfig } from "./config";
import { parseConnectionString, sslOf } from "./connection-string";

/** A connection as configuration has it: a string, single settings, or both; a setting is stronger. */
export interface ConnectionSettings extends WrittenPlace {
  readonly connection_string?: string;
  /** A word of libpq's `sslmode`. */
  readonly ssl?: string;
}

const KIND: ServerKind = { title: "PostgreSQL", code: "CDC_PG_NOT_CONFIGURED", defaultPort: 5432 };

/**
 * How to reach the database that the settings name.
 * @throws CdcError `CDC_PG_CONNECTION_STRING`, `CDC_PG_NOT_CONFIGURED` naming what is missing or wrong.
 */
export function pgConfigOf({ connection_string, ...own }: ConnectionSettings): PgConfig {
  const parts = connection_string === undefined ? {} : parseConnectionString(connection_string);
  const ssl = sslOf(own.ssl ?? parts.ssl);
  return { ...placeOf(KIND, own, parts), ...(ssl === undefined ? {} : { ssl }) };
}
