import type { ServiceBusAdministrationClient } from "@azure/service-bus";
import { credentialOf } from "../azure-identity";
import { hasKey, type ServiceBusConfig } from "./config";
import { parseConnectionString } from "./connection-string";

type Policy = Parameters<ServiceBusAdministrationClient["pipeline"]["addPolicy"]>[0];

/** The client that makes and reads queues. */
export async function openAdministration(config: ServiceBusConfig): Promise<ServiceBusAdministrationClient> {
  const { ServiceBusAdministrationClient: Client } = await import("@azure/service-bus");
  if (!hasKey(config)) return new Client(config.namespace, await credentialOf(config));
  const { isPlain } = parseConnectionString(config.connectionString);
  const client = new Client(config.connectionString);
  // The client itself always speaks https, also to an emulator that can't.
  if (isPlain) client.pipeline.addPolicy(OVER_HTTP);
  return client;
}

const OVER_HTTP: Policy = {
  name: "overHttp",
  sendRequest: (request, next) => {
    request.url = request.url.replace(/^https:/, "http:");
    request.allowInsecureConnection = true;
    return next(request);
  },
};
