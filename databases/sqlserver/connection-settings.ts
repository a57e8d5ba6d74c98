import { placeOf, wrongSetting, type ServerKind, type WrittenPlace } from "../place-settings";
import type { MsSqlConfig } from "./config";
import { parseConnectionString } from "./connection-string";

/** A connection as configuration has it: a string, single settings, or both; a setting is stronger. */
export interface ConnectionSettings extends WrittenPlace {
  readonly connection_string?: string;
  readonly encrypt?: boolean | string;
  readonly trust_server_certificate?: boolean | string;
}

const KIND: ServerKind = { title: "SQL Server", code: "CDC_MSSQL_NOT_CONFIGURED", defaultPort: 1433 };
const YES = ["true", "yes", "on", "1", "mandatory", "strict"];
const NO = ["false", "no", "off", "0", "optional", "disable"];

/**
 * How to reach the database that the settings name.
 * @throws CdcError `CDC_MSSQL_CONNECTION_STRING`, `CDC_MSSQL_NOT_CONFIGURED` naming what is missing or wrong.
 */
export function msSqlConfigOf(settings: ConnectionSettings): MsSqlConfig {
  const { connection_string, trust_server_certificate: trust, ...own } = settings;
  const parts = connection_string === undefined ? {} : parseConnectionString(connection_string);
  const { applicationName } = parts;
  return {
    ...placeOf(KIND, own, parts),
    encrypt: truth("encrypt", own.encrypt ?? parts.encrypt, true),
    trustServerCertificate: truth("trust_server_certificate", trust ?? parts.trustServerCertificate, false),
    ...(applicationName === undefined ? {} : { applicationName }),
  };
}

// A word that is neither yes nor no must not switch encryption off, or the check of the certificate.
function truth(name: string, value: boolean | string | undefined, otherwise: boolean): boolean {
  const word = String(value ?? "")
    .trim()
    .toLowerCase();
  if (word === "") return otherwise;
  if (YES.includes(word)) return true;
  if (NO.includes(word)) return false;
  throw wrongSetting(KIND, name, value);
}
