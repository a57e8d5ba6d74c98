import type { Client as PgClient, ClientConfig, Pool as PgPool } from "pg";
import { hasPassword, type PgConfig } from "./config";
import { Client, Pool } from "./driver";

/** Connections per database and process: four are the sweet spot for DDL, more buy nothing. */
export const POOL_SIZE = 4;
const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 10_000;

const pools = new Map<string, PgPool>();

/** The process's one pool for this server, user and database. Idle connections don't keep the process alive. */
export function poolFor(config: PgConfig): PgPool {
  const key = JSON.stringify([config.host, config.port, config.user, config.database, config.password ?? ""]);
  const known = pools.get(key);
  if (known !== undefined) return known;
  const pool = new Pool({
    ...clientConfig(config),
    max: POOL_SIZE,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    allowExitOnIdle: true,
  });
  // A connection that dies while idle is replaced at the next query; without a listener it would end the process.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  pools.set(key, pool);
  return pool;
}

/** Closes every pool of the process. */
export async function closePools(): Promise<void> {
  const open = [...pools.values()];
  pools.clear();
  await Promise.all(open.map((pool) => pool.end()));
}

/** A connection outside the pool, not yet connected: for session locks and long work. */
export function newClient(config: PgConfig): PgClient {
  const client = new Client(clientConfig(config));
  client.on("error", () => undefined);
  return client;
}

function clientConfig(config: PgConfig): ClientConfig {
  return {
    host: config.host,
    port: config.port,
    user: config.user,
    database: config.database,
    // Never undefined: the driver would take PGPASSWORD or a password file that nobody named. Never empty either:
    // it would then give up by itself and leave the server waiting a minute for an answer.
    password: hasPassword(config) ? config.password : "(none set)",
    application_name: config.applicationName ?? "pulumi-cdc",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    ...(config.ssl === undefined ? {} : { ssl: { rejectUnauthorized: config.ssl === "verify" } }),
  };
}
