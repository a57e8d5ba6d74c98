import { Client } from "pg";
import { startPostgres } from "../sandbox/postgres";
import type { BenchContext } from "./bench";

/** A small server as it would be in use: nothing that makes it unsafe, room for the sizes we measure. */
const SETTINGS = { shared_buffers: "512MB", max_wal_size: "8GB", work_mem: "64MB", max_connections: 100 };

/** A context, and what ends it. */
export interface OpenContext extends BenchContext {
  /** Version of the server, such as `18.4`. */
  readonly version: string;
  closeConnections(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the PostgreSQL that all benches of a run share. */
export async function openContext(): Promise<OpenContext> {
  const postgres = await startPostgres({ settings: SETTINGS });
  const { host, port, user, password } = postgres;
  const clients: Client[] = [];
  const connect = async (database: string) => {
    const client = new Client({ host, port, user, password, database });
    client.on("error", () => undefined);
    clients.push(client);
    await client.connect();
    return client;
  };
  const admin = await connect("postgres");
  clients.length = 0;
  const { rows } = await admin.query<{ server_version: string }>("SHOW server_version");
  const closeConnections = async () => {
    await Promise.all(clients.splice(0).map((client) => client.end()));
  };
  return {
    postgres,
    connect,
    closeConnections,
    version: rows[0]?.server_version ?? "",
    async emptyDatabase(name) {
      await admin.query(`DROP DATABASE IF EXISTS ${admin.escapeIdentifier(name)} WITH (FORCE)`);
      await admin.query(`CREATE DATABASE ${admin.escapeIdentifier(name)}`);
    },
    async stop() {
      await closeConnections();
      await admin.end();
      await postgres.stop();
    },
  };
}
