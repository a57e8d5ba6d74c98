import type { PgConfig } from "../../databases/postgres/config";
import { newClient } from "../../databases/postgres/pool";
import { SESSION_SETTINGS, type PgClient } from "./session";

// Frees the locks of a process that was stopped in the middle of a transaction and whose socket stays open.
const WRITER_SETTINGS = "SET idle_in_transaction_session_timeout = '60s'";

/** A few connections for transactions in the sink, lent in the order in which they are asked for. */
export class Writers {
  private readonly idle: (PgClient | undefined)[];
  private readonly lent = new Set<PgClient>();
  private readonly waiting: ((client: PgClient | undefined) => void)[] = [];
  private closed = false;

  constructor(
    private readonly config: PgConfig,
    count: number,
  ) {
    this.idle = new Array<PgClient | undefined>(count).fill(undefined);
  }

  /**
   * Waits for a turn and runs the work on a connection, which is rolled back, or given up when it broke, after an error.
   * Nothing is repeated. Errors are those of the work and of connecting.
   */
  async use<T>(work: (client: PgClient) => Promise<T>): Promise<T> {
    let client = await this.turn();
    try {
      client ??= await this.connect();
      this.lent.add(client);
      return await work(client);
    } catch (error) {
      client = await rolledBack(client);
      throw error;
    } finally {
      if (client !== undefined) this.lent.delete(client);
      this.giveBack(client);
    }
  }

  /** Cuts every connection that is lent; what runs on them fails and is rolled back. */
  cut(): void {
    for (const client of this.lent) socketOf(client).destroy();
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.idle.flatMap((client) => client?.end().catch(() => undefined) ?? []));
    this.idle.fill(undefined);
  }

  private turn(): Promise<PgClient | undefined> {
    if (this.idle.length > 0) return Promise.resolve(this.idle.pop());
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private giveBack(client: PgClient | undefined): void {
    const next = this.waiting.shift();
    if (next !== undefined) next(client);
    else if (this.closed) void client?.end().catch(() => undefined);
    else this.idle.push(client);
  }

  private async connect(): Promise<PgClient> {
    const client = newClient(this.config);
    try {
      await client.connect();
      await client.query(`${SESSION_SETTINGS}; ${WRITER_SETTINGS}`);
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  }
}

/** The connection without a transaction; undefined when it can't be used any more. */
async function rolledBack(client: PgClient | undefined): Promise<PgClient | undefined> {
  try {
    await client?.query("ROLLBACK");
    return client;
  } catch {
    socketOf(client)?.destroy();
    return undefined;
  }
}

function socketOf(client: PgClient): { destroy(): void };
function socketOf(client: PgClient | undefined): { destroy(): void } | undefined;
function socketOf(client: PgClient | undefined): { destroy(): void } | undefined {
  return (client as unknown as { connection?: { stream?: { destroy(): void } } } | undefined)?.connection?.stream;
}
