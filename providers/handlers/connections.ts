import { CdcError } from "../../lib/errors";
import type { PgConfig } from "../../databases/postgres/config";
import { parseConnectionName, sinkPgConfig, type SinkSettings } from "../../databases/postgres/settings";
import type { MsSqlConfig } from "../../databases/sqlserver/config";
import type { SourceSettings } from "../../databases/sqlserver/settings";
import { deployedSourceConfig, type DeployedSource } from "../../databases/sqlserver/source-connection";
import type { ServiceBusConfig } from "../../databases/servicebus/config";
import {
  parseServiceBusConnectionName,
  serviceBusConfig,
  type ServiceBusSettings,
} from "../../databases/servicebus/settings";
import type { ConfigureRequest } from "./dynamic-provider";

const APPLICATION_NAME = "pulumi-cdc deploy";

let sink: SinkSettings | undefined;
let sinks: Record<string, SinkSettings> | undefined;
let source: SourceSettings | undefined;
let sources: Record<string, SourceSettings> | undefined;
let serviceBus: ServiceBusSettings | undefined;
let serviceBuses: Record<string, ServiceBusSettings> | undefined;

/** Takes the connection settings from the stack config, decrypted. Stays in this process's memory. */
export function configureConnections({ config }: ConfigureRequest): void {
  sink = settingsOf(config, "cdc:sink") as SinkSettings | undefined;
  sinks = settingsOf(config, "cdc:sinks") as Record<string, SinkSettings> | undefined;
  source = settingsOf(config, "cdc:source") as SourceSettings | undefined;
  sources = settingsOf(config, "cdc:sources") as Record<string, SourceSettings> | undefined;
  serviceBus = settingsOf(config, "cdc:serviceBus") as ServiceBusSettings | undefined;
  serviceBuses = settingsOf(config, "cdc:serviceBuses") as Record<string, ServiceBusSettings> | undefined;
}

/**
 * How to reach the database that a resource names.
 * @throws CdcError naming the missing setting.
 */
export function connectionOf(props: { readonly connection: string; readonly database: string }): PgConfig {
  const settings = {
    env: process.env,
    ...(sink === undefined ? {} : { sink }),
    ...(sinks === undefined ? {} : { sinks }),
  };
  return {
    ...sinkPgConfig(parseConnectionName(props.connection), props.database, settings),
    applicationName: APPLICATION_NAME,
  };
}

/**
 * How to reach the source database that a resource names.
 * @throws CdcError naming the missing setting.
 */
export function sourceConfigOf(props: DeployedSource): MsSqlConfig {
  const settings = {
    env: process.env,
    ...(source === undefined ? {} : { source }),
    ...(sources === undefined ? {} : { sources }),
  };
  return { ...deployedSourceConfig(props, settings), applicationName: APPLICATION_NAME };
}

/**
 * How to reach the Service Bus namespace that a queue names.
 * @throws CdcError naming the missing setting.
 */
export function serviceBusConfigOf({ connection }: { readonly connection: string }): ServiceBusConfig {
  const settings = {
    env: process.env,
    ...(serviceBus === undefined ? {} : { serviceBus }),
    ...(serviceBuses === undefined ? {} : { serviceBuses }),
  };
  return serviceBusConfig(parseServiceBusConnectionName(connection), settings);
}

function settingsOf(config: ConfigureRequest["config"], key: string): unknown {
  // The engine hands objects over as JSON text; ours may hand over the value itself.
  const value: unknown = config.get(key);
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch (cause) {
    throw new CdcError("CDC_CONFIG_INVALID", `the stack config's ${key} is not an object`, {
      hint: `Set its parts one by one: \`pulumi config set --path ${key}.host <host>\`.`,
      cause,
    });
  }
}

/** Whether destroy may lose what a thing holds: `cdc destroy <task> --force`. */
export function destroyIsForced(): boolean {
  return process.env["CDC_FORCE_DESTROY"] === "1";
}
