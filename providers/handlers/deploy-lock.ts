import { acquireLock, DEPLOY_LOCK, type HeldLock } from "../../databases/postgres/advisory-lock";
import { describe, type PgConfig } from "../../databases/postgres/config";
import { forgetDatabase } from "./known-catalog";

const IDLE_MS = 500;

interface Shared {
  lock: Promise<HeldLock>;
  users: number;
  idle?: NodeJS.Timeout;
}

const held = new Map<string, Shared>();
const queues = new Map<string, Promise<unknown>>();

/**
 * Runs `work` while this process holds the database's deployment lock, which all its resources share: another
 * deployment waits, with a message, and gives up after two minutes. It is let go half a second after the last use.
 */
export async function whileLocked<T>(config: PgConfig, work: () => Promise<T>): Promise<T> {
  const key = describe(config);
  const shared = await join(key, config);
  try {
    return await work();
  } finally {
    leave(key, shared);
  }
}

/** Runs `work` after what was queued for this database before: for objects that all resources share. */
export async function inTurn<T>(config: PgConfig, work: () => Promise<T>): Promise<T> {
  const key = describe(config);
  const turn = (queues.get(key) ?? Promise.resolve()).then(work);
  queues.set(
    key,
    turn.catch(() => undefined),
  );
  return turn;
}

/** Lets every lock go at once. */
export async function releaseLocks(): Promise<void> {
  const all = [...held.values()];
  held.clear();
  for (const shared of all) {
    clearTimeout(shared.idle);
    await (await shared.lock.catch(() => undefined))?.release();
  }
}

async function join(key: string, config: PgConfig): Promise<Shared> {
  const shared = held.get(key) ?? start(key, config);
  shared.users += 1;
  clearTimeout(shared.idle);
  try {
    const lock = await shared.lock;
    if (lock.held) return shared;
  } catch (error) {
    if (held.get(key) === shared) held.delete(key);
    throw error;
  }
  // The connection that held it broke: another deployment may be at work by now.
  if (held.get(key) === shared) held.delete(key);
  return join(key, config);
}

function start(key: string, config: PgConfig): Shared {
  const onWait = (holder: string): void => {
    process.stderr.write(`waiting: another deployment is changing ${describe(config)}: ${holder}\n`);
  };
  // What was read before may have been changed by the one who had the lock.
  const lock = acquireLock(config, DEPLOY_LOCK, { onWait }).finally(() => {
    forgetDatabase(config);
  });
  const shared: Shared = { lock, users: 0 };
  held.set(key, shared);
  return shared;
}

function leave(key: string, shared: Shared): void {
  shared.users -= 1;
  if (shared.users > 0) return;
  shared.idle = setTimeout(() => {
    if (held.get(key) === shared) held.delete(key);
    void shared.lock.then((lock) => lock.release());
  }, IDLE_MS);
  shared.idle.unref();
}
