import { randomBytes } from "node:crypto";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createSecureContext } from "node:tls";
import { CaptureAgent } from "./cdc/jobs";
import { SqlBackend } from "./backend";
import { SqlServerControl } from "./control";
import { Instance } from "./storage/instance";
import { makeCertificate } from "../certificate";
import { Connection, type ConnectionContext } from "./tds/connection";

/** How to start the stand-in. */
export interface SqlServerOptions {
  /** TCP port of 127.0.0.1; a free one when absent. */
  readonly port?: number;
  /** Password of the login `sa`; a random one when absent. */
  readonly password?: string;
  /** Databases to make at the start. */
  readonly databases?: readonly string[];
  /** False makes it a server without TLS, which clients that insist on it refuse. */
  readonly tls?: boolean;
  /** How often capture jobs scan the log, in milliseconds; 5000, as in SQL Server, when absent. */
  readonly pollingIntervalMs?: number;
}

/** A SQL Server stand-in, reachable from this machine only. It is no SQL Server and keeps everything in memory. */
export interface RunningSqlServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** `mssql://user:password@host:port/master?…`, as tests take it from MSSQL_TEST_URL. */
  readonly url: string;
  /** Makes it fail on purpose, and runs its jobs at once. */
  readonly control: SqlServerControl;
  /** Cuts all connections and forgets everything. Calling it twice does no harm. */
  stop(): Promise<void>;
}

/** Starts the stand-in on the loopback address. It ends with `stop()` or with this process. */
export async function startSqlServer(options: SqlServerOptions = {}): Promise<RunningSqlServer> {
  const password = options.password ?? `Sa-${randomBytes(12).toString("base64url")}`;
  const agent = new CaptureAgent();
  const instance = makeInstance(options, agent);
  const connections = new Set<Connection>();
  const backend = new SqlBackend(instance, [{ user: "sa", password }]);
  const control = new SqlServerControl(backend, agent, connections);
  backend.beforeStatement = (session, text) => control.beforeStatement(session, text);
  const context: ConnectionContext = {
    backend,
    tls: options.tls === false ? undefined : secureContext(),
    hookFor: (text) => control.hookFor(text),
    traffic: () => control.traffic,
  };
  const server = createServer((socket: Socket) => {
    connections.add(new Connection(socket, context, (connection) => connections.delete(connection)));
  });
  const port = await listen(server, options.port ?? 0);
  const host = "127.0.0.1";
  return {
    host,
    port,
    user: "sa",
    password,
    url: `mssql://sa:${encodeURIComponent(password)}@${host}:${port}/master?encrypt=false&trustServerCertificate=true`,
    control,
    stop: () => {
      agent.stop();
      return close(server, connections);
    },
  };
}

function makeInstance(options: SqlServerOptions, agent: CaptureAgent): Instance {
  const instance = new Instance();
  instance.pollingIntervalMs = options.pollingIntervalMs;
  instance.agentRuns = () => agent.running;
  instance.onCdcEnabled = (database) => {
    agent.watch(database);
  };
  for (const name of options.databases ?? []) instance.addDatabase(name);
  return instance;
}

function secureContext() {
  const { key, certificate } = makeCertificate();
  return createSecureContext({ key, cert: certificate, maxVersion: "TLSv1.2" });
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function close(server: Server, connections: ReadonlySet<Connection>): Promise<void> {
  return new Promise((resolve) => {
    // A second stop finds it closed, which is what it wants.
    server.close(() => {
      resolve();
    });
    for (const connection of connections) connection.reset();
  });
}
