import type { AzureIdentity } from "../azure-identity";

/** How to reach one Service Bus namespace. Lives in memory only: never in state, a log or an error. */
export type ServiceBusConfig = KeyAccess | IdentityAccess;

/** By a connection string with a key or a signature. */
export interface KeyAccess {
  readonly connectionString: string;
}

/** By an identity of Entra ID: the machine's own, or whatever else the default chain finds. */
export interface IdentityAccess extends AzureIdentity {
  /** Such as `shop.servicebus.windows.net`. */
  readonly namespace: string;
}

/** True when a key or signature opens the namespace. */
export function hasKey(config: ServiceBusConfig): config is KeyAccess {
  return "connectionString" in config;
}
