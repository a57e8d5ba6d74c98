import type { Client } from "pg";
import { CdcError } from "../../lib/errors";
import { sleep } from "../../lib/retry";
import { describe, type PgConfig } from "./config";
import { toCdcError } from "./errors";
import { newClient } from "./pool";

/** Settings of {@link acquireLock}. */
export interface LockOptions {
  /** How long to wait for the other holder; default 120,000. */
  readonly timeoutMs?: number;
  /** Called once, when somebody else holds the lock. */
  readonly onWait?: (holder: string) => void;
}

/** A held session lock. */
export interface HeldLock {
  /** False once the connection that held it broke. */
  readonly held: boolean;
  release(): Promise<void>;
}

/** Key of the lock that a deployment, by Pulumi or by files, holds on a database while it changes it. */
export const DEPLOY_LOCK = 1;
const TIMEOUT_MS = 120_000;
const POLL_MS = 250;
// First half of the two-part key: the same for every lock of this product.
const LOCK_SPACE = 0x43_44_43;

const TRY = "SELECT pg_try_advisory_lock($1::int, $2::int) AS got";
const HOLDER = `SELECT a.pid, a.application_name, a.usename, a.client_addr::text AS address
  FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
  WHERE l.locktype = 'advisory' AND l.granted AND l.classid = $1::int::oid AND l.objid = $2::int::oid
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

/**
 * Takes the session lock `key` of a database on a connection of its own. It is polled, never waited for in
 * the server: a waiting session would hold back `CREATE INDEX CONCURRENTLY` and deadlock with it.
 * @throws CdcError `CDC_PG_DEPLOY_LOCKED` naming the holder when the time is up.
 */
export async function acquireLock(config: PgConfig, key: number, options: LockOptions = {}): Promise<HeldLock> {
  const client = newClient({ ...config, applicationName: `${config.applicationName ?? "pulumi-cdc"} lock` });
  try {
    await client.connect();
    await poll(client, config, key, options);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw toCdcError(error, config, "deployment lock");
  }
  return heldBy(client);
}

async function poll(client: Client, config: PgConfig, key: number, options: LockOptions): Promise<void> {
  const deadline = Date.now() + (options.timeoutMs ?? TIMEOUT_MS);
  for (let told = false; !(await tryLock(client, key)); told = true) {
    const holder = await holderOf(client, key);
    if (!told) options.onWait?.(holder);
    if (Date.now() >= deadline) throw lockedError(config, holder);
    await sleep(POLL_MS);
  }
}

async function tryLock(client: Client, key: number): Promise<boolean> {
  const result = await client.query<{ got: boolean }>(TRY, [LOCK_SPACE, key]);
  return result.rows[0]?.got === true;
}

async function holderOf(client: Client, key: number): Promise<string> {
  const result = await client.query<Record<string, string | number | null>>(HOLDER, [LOCK_SPACE, key]);
  const row = result.rows[0];
  if (row === undefined) return "another session";
  return `process ${String(row["pid"])} (${String(row["application_name"])}, user ${String(row["usename"])}, from ${String(row["address"] ?? "a local socket")})`;
}

function heldBy(client: Client): HeldLock {
  let held = true;
  client.once("end", () => {
    held = false;
  });
  return {
    get held() {
      return held;
    },
    async release() {
      await client.end().catch(() => undefined);
    },
  };
}

function lockedError(config: PgConfig, holder: string): CdcError {
  return new CdcError(
    "CDC_PG_DEPLOY_LOCKED",
    `PostgreSQL ${describe(config)}: another deployment is changing this database: ${holder}`,
    { hint: "Wait until it has finished, then run again. If it is stuck, end that session with pg_terminate_backend." },
  );
}
