import { hasKey, type ServiceBusConfig } from "./config";
import { parseConnectionString } from "./connection-string";

/** The namespace as a message shows it, without a secret. */
export function describe(config: ServiceBusConfig): string {
  if (!hasKey(config)) return `${config.namespace} by identity`;
  const { host, keyName } = parseConnectionString(config.connectionString);
  return `${host} ${keyName === undefined ? "by signature" : `as ${keyName}`}`;
}

/** The text without what opens the namespace. */
export function hideSecrets(text: string, config: ServiceBusConfig): string {
  if (!hasKey(config)) return text;
  const { secret } = parseConnectionString(config.connectionString);
  return text
    .replaceAll(config.connectionString, "***")
    .replaceAll(secret, "***")
    .replaceAll(encodeURIComponent(secret), "***");
}
