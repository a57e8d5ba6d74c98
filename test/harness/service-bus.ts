import { ServiceBusClient, type ServiceBusClientOptions, type ServiceBusReceivedMessage } from "@azure/service-bus";
import { startServiceBus, type QueueSettings, type RunningServiceBus } from "../../sandbox/servicebus";
import type { ServiceBusOptions } from "../../sandbox/servicebus";

/** Retries come at once: a test has no time to wait for what a client does for a busy server's sake. */
export const QUICK: ServiceBusClientOptions = {
  retryOptions: { maxRetries: 3, retryDelayInMs: 20, timeoutInMs: 2000 },
};

/** Waits as long as the client does by itself: large messages take their time. */
export const PATIENT: ServiceBusClientOptions = {};

/** A stand-in, and the unmodified client of Azure on it. */
export interface BusLab {
  readonly bus: RunningServiceBus;
  readonly client: ServiceBusClient;
  /** Makes a queue with a name of its own. */
  queue(settings?: Partial<QueueSettings>): string;
  close(): Promise<void>;
}

export async function openBusLab(options?: ServiceBusOptions, clientOptions = QUICK): Promise<BusLab> {
  const bus = await startServiceBus(options);
  const client = new ServiceBusClient(bus.connectionString, clientOptions);
  let queues = 0;
  return {
    bus,
    client,
    queue: (settings) => {
      const name = `queue-${++queues}`;
      bus.createQueue(name, settings);
      return name;
    },
    close: async () => {
      await client.close();
      await bus.close();
    },
  };
}

/** Bodies of messages, which tests make whole numbers or texts. */
export function bodies(messages: readonly ServiceBusReceivedMessage[]): unknown[] {
  return messages.map(({ body }) => body as unknown);
}

/** Receives so many messages, however many calls that takes. */
export async function receive(
  receiver: {
    receiveMessages: (max: number, options?: { maxWaitTimeInMs?: number }) => Promise<ServiceBusReceivedMessage[]>;
  },
  count: number,
): Promise<ServiceBusReceivedMessage[]> {
  const all: ServiceBusReceivedMessage[] = [];
  while (all.length < count) {
    const some = await receiver.receiveMessages(count - all.length, { maxWaitTimeInMs: 10_000 });
    if (some.length === 0) throw new Error(`Only ${String(all.length)} of ${String(count)} messages came.`);
    all.push(...some);
  }
  return all;
}

/** What comes now, at most ten messages. */
export function receiveNow(receiver: {
  receiveMessages: (max: number, options?: { maxWaitTimeInMs?: number }) => Promise<ServiceBusReceivedMessage[]>;
}): Promise<ServiceBusReceivedMessage[]> {
  return receiver.receiveMessages(10, { maxWaitTimeInMs: 150 });
}
