import type { ServiceBusAdministrationClient } from "@azure/service-bus";
import type { QueueSettings } from "../../model/event-queue";
import type { ServiceBusConfig } from "./config";
import { toServiceBusFailure } from "./errors";
import { openAdministration } from "./open-administration";
import { newQueueOptions, optionsOf, stateOf, type QueueCounts, type QueueState } from "./queue-settings";

/** Makes, reads and removes queues of one namespace. */
export class QueueAdministration {
  private client: Promise<ServiceBusAdministrationClient> | undefined;

  constructor(private readonly config: ServiceBusConfig) {}

  /** The queue as it is; undefined when it isn't there. */
  async read(name: string): Promise<QueueState | undefined> {
    try {
      return await this.ask(name, async (client) => stateOf(await client.getQueue(name)));
    } catch (error) {
      if (this.isMissing(error)) return undefined;
      throw error;
    }
  }

  /** What the queue holds. @throws CdcError (`not-found`) when it isn't there. */
  counts(name: string): Promise<QueueCounts> {
    return this.ask(name, async (client) => {
      const found = await client.getQueueRuntimeProperties(name);
      const {
        activeMessageCount: active,
        deadLetterMessageCount: deadLetter,
        scheduledMessageCount: scheduled,
      } = found;
      const transfer = found.transferMessageCount + found.transferDeadLetterMessageCount;
      return { active, deadLetter, scheduled, transfer, sizeInBytes: found.sizeInBytes ?? 0 };
    });
  }

  /** Makes a queue. False when it was there already: it may be another one then. */
  async create(name: string, settings: QueueSettings): Promise<boolean> {
    try {
      await this.ask(name, (client) => client.createQueue(name, newQueueOptions(settings)));
      return true;
    } catch (error) {
      if (toServiceBusFailure(error, this.config).code === "CDC_SERVICEBUS_QUEUE_EXISTS") return false;
      throw error;
    }
  }

  /** Gives a queue other settings; those that aren't named stay. */
  async update(name: string, settings: Partial<QueueSettings>): Promise<void> {
    await this.ask(name, async (client) => {
      const found = await client.getQueue(name);
      await client.updateQueue({ ...found, ...optionsOf(settings) });
    });
  }

  /** Removes a queue with all that it holds; none that isn't there. */
  async remove(name: string): Promise<void> {
    try {
      await this.ask(name, (client) => client.deleteQueue(name));
    } catch (error) {
      if (!this.isMissing(error)) throw error;
    }
  }

  private isMissing(error: unknown): boolean {
    return toServiceBusFailure(error, this.config).kind === "not-found";
  }

  private async ask<T>(name: string, work: (client: ServiceBusAdministrationClient) => Promise<T>): Promise<T> {
    try {
      this.client ??= openAdministration(this.config);
      return await work(await this.client);
    } catch (error) {
      throw toServiceBusFailure(error, this.config, `queue ${name}`);
    }
  }
}
