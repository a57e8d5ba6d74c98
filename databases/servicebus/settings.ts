import { CdcError } from "../../lib/errors";
import type { ServiceBusConfig } from "./config";

/** `cdc:serviceBus`, or one entry of `cdc:serviceBuses`, of the stack config, decrypted. */
export interface ServiceBusSettings {
  readonly connectionString?: string;
  /** Such as `shop.servicebus.windows.net`: with an identity instead of a key. */
  readonly namespace?: string;
  /** Client id of a user-assigned managed identity. */
  readonly clientId?: string;
}

/** Where a namespace's settings are looked for, strongest first. */
export interface ServiceBusSettingsSources {
  /** `cdc:serviceBuses`: by name. */
  readonly serviceBuses?: Readonly<Record<string, ServiceBusSettings>>;
  /** `cdc:serviceBus`: for every namespace. */
  readonly serviceBus?: ServiceBusSettings;
  /** The process's environment: `SERVICEBUS_<ENV>_CONNECTION_STRING|NAMESPACE|CLIENT_ID`. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What a queue's `connection` property names. */
export interface ServiceBusConnection {
  readonly environment: string;
  /** Name of the namespace, where a stack has several. */
  readonly name: string;
}

const VARIABLES: Readonly<Record<keyof ServiceBusSettings, string>> = {
  connectionString: "CONNECTION_STRING",
  namespace: "NAMESPACE",
  clientId: "CLIENT_ID",
};

/** The `connection` property of a queue: a name, never a secret. */
export function serviceBusConnectionName({ environment, name }: ServiceBusConnection): string {
  return `servicebus:${environment}:${name}`;
}

/** @throws CdcError when the text isn't a connection name of a namespace. */
export function parseServiceBusConnectionName(text: string): ServiceBusConnection {
  const match = /^servicebus:([^:]+):(.+)$/.exec(text);
  if (match === null) throw new CdcError("CDC_CONNECTION_NAME", `"${text}" is not a connection name of Service Bus`);
  const [, environment = "", name = ""] = match;
  return { environment, name };
}

/**
 * How to reach the namespace that a queue names.
 * @throws CdcError (CDC_SERVICEBUS_NOT_CONFIGURED) naming what to set.
 */
export function serviceBusConfig(
  connection: ServiceBusConnection,
  sources: ServiceBusSettingsSources,
): ServiceBusConfig {
  const prefix = variablePrefix(connection.environment);
  const own = Object.entries(sources.serviceBuses ?? {}).find(([name]) => name === connection.name)?.[1];
  const pick = (name: keyof ServiceBusSettings): string | undefined =>
    text(own?.[name]) ?? text(sources.serviceBus?.[name]) ?? text(sources.env[`${prefix}_${VARIABLES[name]}`]);
  const connectionString = pick("connectionString");
  if (connectionString !== undefined) return { connectionString };
  const namespace = pick("namespace");
  if (namespace === undefined) throw missing(connection, prefix);
  const clientId = pick("clientId");
  return clientId === undefined ? { namespace } : { namespace, clientId };
}

/** The settings as the variables of an environment. */
export function serviceBusVariables(environment: string, settings: ServiceBusSettings): Record<string, string> {
  const prefix = variablePrefix(environment);
  const known = Object.entries(settings) as [keyof ServiceBusSettings, string][];
  return Object.fromEntries(known.map(([name, value]) => [`${prefix}_${VARIABLES[name]}`, value]));
}

function variablePrefix(environment: string): string {
  return `SERVICEBUS_${environment.toUpperCase().replace(/[^A-Z0-9]+/g, "_")}`;
}

// An empty variable counts as absent: CI systems set unknown variables to "".
function text(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}

function missing({ environment, name }: ServiceBusConnection, prefix: string): CdcError {
  const message = `neither connection string nor namespace is set for Service Bus ${name} in environment ${environment}`;
  const hint = `Set it with \`pulumi config set --secret --path cdc:serviceBus.connectionString <string>\`, or in ${prefix}_CONNECTION_STRING or ${prefix}_NAMESPACE.`;
  return new CdcError("CDC_SERVICEBUS_NOT_CONFIGURED", message, { hint });
}
