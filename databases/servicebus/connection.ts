import type { ServiceBusClient } from "@azure/service-bus";
import { openClient, type ClientOptions } from "./client";
import type { ServiceBusConfig } from "./config";

/** A client that may be in use by several senders. */
export interface SharedClient {
  readonly client: ServiceBusClient;
  users: number;
  isDiscarded: boolean;
}

/** What is closed may never tell: a client that lost its connection waits for locks that nobody lets go. */
const CLOSING_MS = 1_000;

/**
 * The connection to a namespace, which is made anew when it has failed. The client would mend it by itself, but waits for
 * ever when something is sent at the moment in which it notices the loss; so a client that failed is not used again.
 */
export class ServiceBusConnection {
  private current: Promise<SharedClient> | undefined;

  constructor(
    readonly config: ServiceBusConfig,
    readonly options: ClientOptions,
  ) {}

  /** Works with the client of the moment. */
  async use<T>(work: (shared: SharedClient) => Promise<T>): Promise<T> {
    this.current ??= this.open();
    const shared = await this.current;
    shared.users += 1;
    try {
      return await work(shared);
    } finally {
      shared.users -= 1;
      if (shared.isDiscarded && shared.users === 0) void closeQuietly(shared.client);
    }
  }

  /** Lets nobody use the client from now on; who uses it may end. */
  discard(shared: SharedClient): void {
    if (shared.isDiscarded) return;
    shared.isDiscarded = true;
    this.current = undefined;
  }

  async close(): Promise<void> {
    const shared = await this.current?.catch(() => undefined);
    this.current = undefined;
    if (shared !== undefined) await closeQuietly(shared.client);
  }

  private async open(): Promise<SharedClient> {
    try {
      return { client: await openClient(this.config, this.options), users: 0, isDiscarded: false };
    } catch (error) {
      this.current = undefined;
      throw error;
    }
  }
}

async function closeQuietly(client: ServiceBusClient): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSING_MS);
  });
  await Promise.race([client.close().catch(() => undefined), late]);
  clearTimeout(timer);
}
