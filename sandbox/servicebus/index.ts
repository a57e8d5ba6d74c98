import { randomBytes } from "node:crypto";
import type { AddressInfo, Server } from "node:net";
import { createSecureContext } from "node:tls";
import { create_container } from "rhea";
import { makeCertificate, type Certificate } from "../certificate";
import { adminServer } from "./admin/server";
import { AmqpConnection, type ConnectionContext } from "./amqp/connection";
import type { KeyRing } from "./auth/key-ring";
import { Namespace } from "./broker/namespace";
import type { QueueSettings, Tier } from "./broker/settings";
import { Clock } from "./clock";
import { ServiceBusControl } from "./control";
import { Faults } from "./faults";
import { FrontDoor } from "./front-door";

export type { QueueSettings } from "./broker/settings";

/** How to start the stand-in. */
export interface ServiceBusOptions {
  /** TCP port of 127.0.0.1; a free one when absent. */
  readonly port?: number;
  /** Key of the policy RootManageSharedAccessKey; a random one when absent. */
  readonly key?: string;
  /** Whether the connection string asks for TLS. Both are served anyway; clients have to trust the certificate. */
  readonly tls?: boolean;
  /** Standard when absent: messages of at most 256 KB. */
  readonly tier?: Tier;
  /** Tokens of Microsoft Entra ID that are good for everything, as a client with a credential shows them. */
  readonly bearerTokens?: readonly string[];
  /** Key of the identity stand-in (`sandbox/identity`): its tokens for Service Bus are good for everything, too, in their time. */
  readonly identityKey?: string;
}

/** An Azure Service Bus stand-in, reachable from this machine only. It keeps everything in memory. */
export interface RunningServiceBus {
  readonly host: string;
  readonly port: number;
  /** For `ServiceBusClient` and `ServiceBusAdministrationClient`. */
  readonly connectionString: string;
  /** The certificate for TLS, as PEM: what NODE_EXTRA_CA_CERTS, or `tlsOptions.ca`, has to name. */
  readonly certificate: string;
  /** Makes it fail on purpose, and looks inside. */
  readonly control: ServiceBusControl;
  /** Makes a queue. Throws BrokerError when there is one. */
  createQueue(name: string, settings?: Partial<QueueSettings>): void;
  /** Cuts all connections and forgets everything. Calling it twice does no harm. */
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
const KEY_NAME = "RootManageSharedAccessKey";

/** Starts the stand-in on the loopback address. It ends with `close()` or with this process. */
export async function startServiceBus(options: ServiceBusOptions = {}): Promise<RunningServiceBus> {
  const { key = randomBytes(32).toString("base64"), tls = false, tier = "Standard" } = options;
  const namespace = new Namespace(new Clock(), tier);
  const { bearerTokens = [], identityKey } = options;
  const access: KeyRing = { keys: [{ name: KEY_NAME, key }], bearerTokens, identityKey };
  const container = create_container({ id: "service-bus-stand-in" });
  const context: ConnectionContext = { container, namespace, faults: new Faults(), access };
  const connections = new Set<AmqpConnection>();
  namespace.onClosed = (queue, error) => {
    for (const each of [...connections]) each.detachAll(error, queue);
  };
  const certificate = lazy(makeCertificate);
  const door = openDoor(context, connections, certificate);
  const port = await listen(door.server, options.port ?? 0);
  const plain = tls ? "" : ";UseDevelopmentEmulator=true";
  return {
    host: HOST,
    port,
    connectionString: `Endpoint=sb://${HOST}:${port};SharedAccessKeyName=${KEY_NAME};SharedAccessKey=${key}${plain}`,
    get certificate() {
      return certificate().certificate;
    },
    control: new ServiceBusControl(context, connections),
    createQueue: (name, settings) => {
      namespace.create(name, settings);
    },
    async close() {
      namespace.stop();
      await door.close();
    },
  };
}

function openDoor(
  context: ConnectionContext,
  connections: Set<AmqpConnection>,
  certificate: () => Certificate,
): FrontDoor {
  const admin = adminServer(context);
  return new FrontDoor({
    amqp: (socket) => {
      connections.add(new AmqpConnection(socket, context, (ended) => connections.delete(ended)));
    },
    http: (socket) => {
      admin.emit("connection", socket);
    },
    secure: lazy(() => {
      const { key, certificate: cert } = certificate();
      return createSecureContext({ key, cert });
    }),
  });
}

function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}
