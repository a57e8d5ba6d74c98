import type { ServiceBusClient, ServiceBusClientOptions } from "@azure/service-bus";
import { credentialOf } from "../azure-identity";
import { hasKey, type ServiceBusConfig } from "./config";
import { parseConnectionString } from "./connection-string";

/** Settings of {@link openClient}. */
export interface ClientOptions {
  /** How long to wait for an answer; then the failure is `transient`. */
  readonly timeoutMs: number;
}

/**
 * A client of the namespace. It connects with the first thing that it is asked, and tries nothing twice: who sends in
 * order must know of every failure.
 */
export async function openClient(config: ServiceBusConfig, { timeoutMs }: ClientOptions): Promise<ServiceBusClient> {
  // Loaded here: it costs a third of a second.
  const { ServiceBusClient: Client } = await import("@azure/service-bus");
  const options: ServiceBusClientOptions = { retryOptions: { maxRetries: 0, timeoutInMs: timeoutMs } };
  if (!hasKey(config)) return new Client(config.namespace, await credentialOf(config), options);
  parseConnectionString(config.connectionString);
  return new Client(config.connectionString, options);
}
