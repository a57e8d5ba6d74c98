import type { MsSqlConfig } from "./config";
import { openSession, type Session } from "./connection";

/** Connections per server, database, user and process. */
const POOL_SIZE = 4;
const IDLE_TIMEOUT_MS = 10_000;

interface Waiter {
  readonly resolve: (session: Promise<Session>) => void;
}

/** Sessions of one database: as many as are needed, at most {@link POOL_SIZE}; idle ones are closed after a while. */
class Pool {
  private readonly idle: { readonly session: Session; readonly timer: NodeJS.Timeout }[] = [];
  private readonly waiting: Waiter[] = [];
  private readonly lent = new Set<Session>();
  private size = 0;

  constructor(private readonly config: MsSqlConfig) {}

  acquire(): Promise<Session> {
    for (let free = this.idle.pop(); free !== undefined; free = this.idle.pop()) {
      clearTimeout(free.timer);
      if (!free.session.isBroken()) return this.lend(free.session);
      this.size -= 1;
    }
    if (this.size < POOL_SIZE) return this.open();
    return new Promise((resolve) => this.waiting.push({ resolve }));
  }

  release(session: Session): void {
    this.lent.delete(session);
    const waiter = this.waiting.shift();
    if (session.isBroken()) {
      this.size -= 1;
      waiter?.resolve(this.open());
    } else if (waiter === undefined) {
      this.keep(session);
    } else {
      waiter.resolve(this.lend(session));
    }
  }

  close(): void {
    for (const { session, timer } of this.idle.splice(0)) {
      clearTimeout(timer);
      session.close();
      this.size -= 1;
    }
    for (const session of this.lent) session.close();
  }

  private lend(session: Session): Promise<Session> {
    this.lent.add(session);
    return Promise.resolve(session);
  }

  private async open(): Promise<Session> {
    this.size += 1;
    try {
      return await this.lend(await openSession(this.config));
    } catch (error) {
      this.size -= 1;
      // Whoever waits must not wait for a session that never comes: it tries for itself.
      this.waiting.shift()?.resolve(this.open());
      throw error;
    }
  }

  private keep(session: Session): void {
    const timer = setTimeout(() => {
      this.idle.splice(
        this.idle.findIndex((one) => one.session === session),
        1,
      );
      this.size -= 1;
      session.close();
    }, IDLE_TIMEOUT_MS);
    this.idle.push({ session, timer });
  }
}

const pools = new Map<string, Pool>();

/** The process's one pool for this server, user and database. */
export function poolFor(config: MsSqlConfig): Pick<Pool, "acquire" | "release"> {
  const { host, port, user, database, password = "", encrypt = true, trustServerCertificate = false } = config;
  const key = JSON.stringify([host, port, user, database, password, encrypt, trustServerCertificate]);
  const known = pools.get(key);
  if (known !== undefined) return known;
  const pool = new Pool(config);
  pools.set(key, pool);
  return pool;
}

/** Closes every pool of the process; what runs on their connections fails. */
export function closePools(): void {
  const open = [...pools.values()];
  pools.clear();
  for (const pool of open) pool.close();
}
