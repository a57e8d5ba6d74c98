import { CdcError } from "../../lib/errors";
import type { ServerAddress } from "../../model/source-capture";
import type { MsSqlConfig } from "./config";
import { sourceMsSqlConfig, type SourceConnection, type SourceSettings, type SourceSettingsSources } from "./settings";

/** The `connection` property of a source's resources: a name, never a secret. */
export function sourceConnectionName({ environment, server }: SourceConnection): string {
  return `source:${environment}:${server}`;
}

/** @throws CdcError when the text isn't a connection name of a source. */
export function parseSourceConnectionName(text: string): SourceConnection {
  const match = /^source:([^:]+):(.+)$/.exec(text);
  if (match === null) throw new CdcError("CDC_CONNECTION_NAME", `"${text}" is not a connection name of a source`);
  const [, environment = "", server = ""] = match;
  return { environment, server };
}

/** What a deployed resource tells of its database. */
export interface DeployedSource {
  readonly connection: string;
  readonly database: string;
  readonly address: ServerAddress;
}

/**
 * How to reach the database of a deployed resource. Stack config and environment are stronger than the address that
 * was deployed; the password comes from them, or from the variable that the address names.
 * @throws CdcError (CDC_MSSQL_NOT_CONFIGURED) naming the setting that is missing or wrong.
 */
export function deployedSourceConfig(
  { connection, database, address }: DeployedSource,
  settings: Omit<SourceSettingsSources, "servers">,
): MsSqlConfig {
  const named = parseSourceConnectionName(connection);
  const servers = { [named.server]: settingsOf(address, settings.env) };
  return sourceMsSqlConfig(named, database, { ...settings, servers });
}

function settingsOf(address: ServerAddress, env: SourceSettingsSources["env"]): SourceSettings {
  const { passwordVariable, ...settings } = address;
  const password = passwordVariable === undefined ? undefined : env[passwordVariable];
  return password === undefined ? settings : { ...settings, password };
}
