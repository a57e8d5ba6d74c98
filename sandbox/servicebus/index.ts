import { randomBytes } from "node:crypto";
import { createServer, type AddressInfo, type Server } from "node:net";
import { create_container } from "rhea";
import { AmqpConnection, type ConnectionContext } from "./amqp/connection";
import { Namespace } from "./broker/namespace";
import type { QueueSettings } from "./broker/settings";
import { Clock } from "./clock";
import { ServiceBusControl } from "./control";

export type { QueueSettings } from "./broker/settings";

/** How to start the stand-in. */
export interface ServiceBusOptions {
  /** TCP port of 127.0.0.1; a free one when absent. */
  readonly port?: number;
  /** Key of the policy RootManageSharedAccessKey; a random one when absent. */
  readonly key?: string;
}

/** An Azure Service Bus stand-in, reachable from this machine only. It keeps everything in memory. */
export interface RunningServiceBus {
  readonly host: string;
  readonly port: number;
  /** For `ServiceBusClient` and `ServiceBusAdministrationClient`. */
  readonly connectionString: string;
  /** Makes it fail on purpose, and looks inside. */
  readonly control: ServiceBusControl;
  /** Makes a queue. Throws BrokerError when there is one. */
  createQueue(name: string, settings?: Partial<QueueSettings>): void;
  /** Cuts all connections and forgets everything. Calling it twice does no harm. */
  close(): Promise<void>;
}

const KEY_NAME = "RootManageSharedAccessKey";

/** Starts the stand-in on the loopback address. It ends with `close()` or with this process. */
export async function startServiceBus(options: ServiceBusOptions = {}): Promise<RunningServiceBus> {
  const key = options.key ?? randomBytes(32).toString("base64");
  const namespace = new Namespace(new Clock());
  const host = "127.0.0.1";
  const context: ConnectionContext = {
    container: create_container({ id: "service-bus-stand-in" }),
    namespace,
    keys: [{ name: KEY_NAME, key }],
  };
  const connections = new Set<AmqpConnection>();
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    connections.add(new AmqpConnection(socket, context, (ended) => connections.delete(ended)));
  });
  const port = await listen(server, host, options.port ?? 0);
  return {
    host,
    port,
    connectionString: `Endpoint=sb://${host}:${port};SharedAccessKeyName=${KEY_NAME};SharedAccessKey=${key};UseDevelopmentEmulator=true`,
    control: new ServiceBusControl(namespace),
    createQueue: (name, settings) => {
      namespace.create(name, settings);
    },
    async close() {
      namespace.stop();
      const closed = new Promise((resolve) => server.close(resolve));
      for (const connection of [...connections]) connection.cut();
      await closed;
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}
