import type { ServiceBusSender } from "@azure/service-bus";
import { asClientBatch, asClientMessage } from "./client-messages";
import type { ServiceBusConnection, SharedClient } from "./connection";
import { toServiceBusFailure } from "./errors";
import { LinkLoss } from "./link-loss";
import type { MessageBatch } from "./messages/message-batch";
import type { OutgoingMessage } from "./messages/outgoing";

/** A sender and the client that it belongs to. */
interface OpenSender {
  readonly shared: SharedClient;
  readonly sender: ServiceBusSender;
  readonly loss: LinkLoss;
}

/** Sends to one queue. Who wants order sends one thing at a time. Failures are {@link ./errors.ServiceBusFailure}s. */
export class QueueSender {
  private opened: OpenSender | undefined;

  constructor(
    private readonly connection: ServiceBusConnection,
    readonly queue: string,
  ) {}

  /** Most bytes of a message, as the server says. Connects when it isn't connected. */
  maxMessageBytes(): Promise<number> {
    return this.told(async ({ sender }) => (await sender.createMessageBatch()).maxSizeInBytes);
  }

  /** Resolves when the queue has the batch. A failure may come after the queue has taken it. */
  sendBatch(batch: MessageBatch): Promise<void> {
    return this.told(({ sender }, abortSignal) => sender.sendMessages(asClientBatch(batch), { abortSignal }));
  }

  /** A message that is larger than batches may be. */
  sendAlone(message: OutgoingMessage): Promise<void> {
    return this.told(({ sender }, abortSignal) => sender.sendMessages(asClientMessage(message), { abortSignal }));
  }

  /** Ends what is being sent. */
  stop(): void {
    this.opened?.loss.happen();
  }

  private async told<T>(work: (open: OpenSender, signal: AbortSignal) => Promise<T>): Promise<T> {
    const { connection, queue } = this;
    return connection.use(async (shared) => {
      try {
        const open = this.senderOf(shared);
        return await open.loss.during((signal) => work(open, signal), connection.options.timeoutMs);
      } catch (error) {
        const failure = toServiceBusFailure(error, connection.config, `queue ${queue}`);
        // A server that answers no is there; all else may be the client's own trouble.
        if (failure.kind === "transient") connection.discard(shared);
        throw failure;
      }
    });
  }

  private senderOf(shared: SharedClient): OpenSender {
    if (this.opened?.shared !== shared) {
      const sender = shared.client.createSender(this.queue);
      this.opened = { shared, sender, loss: new LinkLoss(sender) };
    }
    return this.opened;
  }
}
