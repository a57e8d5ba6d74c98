import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { CdcError } from "../lib/errors";
import { startServiceBus, type QueueSettings, type RunningServiceBus } from "../sandbox/servicebus";
import type { Context } from "./context";
import { untilAborted } from "./until-aborted";

/** What `cdc sandbox servicebus` was asked. */
export interface ServiceBusFlags {
  readonly port?: number;
  readonly key?: string;
  readonly queue?: readonly string[];
  readonly certificate?: string;
  readonly tls?: boolean;
  readonly premium?: boolean;
}

const CODE = "CDC_SANDBOX_SERVICEBUS";

/** What can follow a queue's name. */
const FEATURES: Readonly<Record<string, Partial<QueueSettings>>> = {
  session: { requiresSession: true },
  duplicates: { requiresDuplicateDetection: true },
};

/** Runs the stand-in until the signal. Throws CdcError (CDC_SANDBOX_SERVICEBUS). */
export async function runServiceBus(context: Context, flags: ServiceBusFlags, signal: AbortSignal): Promise<void> {
  const queues = (flags.queue ?? []).map(readQueue);
  const bus = await start(flags);
  try {
    for (const { name, settings } of queues) make(bus, name, settings);
    if (flags.certificate !== undefined) writeFileSync(resolve(context.directory, flags.certificate), bus.certificate);
    const { host, port, connectionString } = bus;
    const names = queues.map(({ name }) => name);
    context.print({ standIn: true, host, port, connectionString, queues: names }, () => description(bus, names));
    await untilAborted(signal);
  } finally {
    await bus.close();
  }
}

function readQueue(text: string): { readonly name: string; readonly settings: Partial<QueueSettings> } {
  const [name = "", ...features] = text.split(":");
  const unknown = features.find((feature) => !(feature in FEATURES));
  if (unknown !== undefined) {
    throw new CdcError(CODE, `--queue ${text}: '${unknown}' is unknown`, {
      hint: "Write name, name:session, name:duplicates or name:session:duplicates.",
    });
  }
  return {
    name,
    settings: Object.assign({}, ...features.map((feature) => FEATURES[feature])) as Partial<QueueSettings>,
  };
}

async function start({ port, key, tls = false, premium = false }: ServiceBusFlags): Promise<RunningServiceBus> {
  try {
    return await startServiceBus({
      tls,
      tier: premium ? "Premium" : "Standard",
      ...(port === undefined ? {} : { port }),
      ...(key === undefined ? {} : { key }),
    });
  } catch (cause) {
    const taken = (cause as NodeJS.ErrnoException).code === "EADDRINUSE";
    const why = taken ? "the port is taken" : String(cause);
    throw new CdcError(CODE, `the stand-in cannot listen on port ${String(port)}: ${why}`, {
      hint: "Choose another --port.",
      cause,
    });
  }
}

function make(bus: RunningServiceBus, name: string, settings: Partial<QueueSettings>): void {
  try {
    bus.createQueue(name, settings);
  } catch (cause) {
    throw new CdcError(CODE, `--queue ${name}: ${(cause as Error).message}`, {
      hint: "Queues have names of letters, digits, '.', '-', '_', '/' and '~', each once.",
      cause,
    });
  }
}

function description({ connectionString, host, port }: RunningServiceBus, queues: readonly string[]): string {
  const made =
    queues.length === 0 ? "No queue yet: the administration client makes them." : `Queues: ${queues.join(", ")}`;
  return `Service Bus stand-in: it is not Azure Service Bus, and forgets everything when it ends.

  ${connectionString}

${made}
The administration client uses TLS and has to trust the certificate: --certificate writes it, NODE_EXTRA_CA_CERTS names it.

The real one, in its place: a namespace in Azure,
  az servicebus namespace create --resource-group <group> --name <name> --sku Standard
  az servicebus namespace authorization-rule keys list --resource-group <group> --namespace-name <name> \\
    --name RootManageSharedAccessKey --query primaryConnectionString
or the Service Bus emulator of docker-compose.yml, with its queues in docker/servicebus/config.json,
  SERVICEBUS_PORT=${String(port)} docker compose --profile servicebus up --detach --wait   # on ${host}

Ctrl-C ends it.`;
}
