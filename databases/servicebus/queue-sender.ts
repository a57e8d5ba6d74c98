import type { ServiceBusClient, ServiceBusMessage, ServiceBusMessageBatch } from "@azure/service-bus";
import type { ServiceBusConfig } from "./config";
import { toServiceBusFailure } from "./errors";
import { LinkLoss } from "./link-loss";
import type { MessageBatch } from "./messages/message-batch";
import { CONTENT_TYPE, type OutgoingMessage } from "./messages/outgoing";

/** Sends to one queue. Who wants order sends one thing at a time. */
export interface QueueSender {
  readonly queue: string;
  /** Most bytes of a message, as the server says. Connects when it isn't connected. */
  maxMessageBytes(): Promise<number>;
  /** Resolves when the queue has the batch. A failure may come after the queue has taken it. */
  sendBatch(batch: MessageBatch): Promise<void>;
  /** A message that is larger than batches may be. */
  sendAlone(message: OutgoingMessage): Promise<void>;
  close(): Promise<void>;
}

/** A sender whose failures are {@link ./errors.ServiceBusFailure}s that name the queue. */
export function queueSender(client: ServiceBusClient, config: ServiceBusConfig, queue: string): QueueSender {
  const sender = client.createSender(queue);
  const loss = new LinkLoss(sender);
  const told = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw toServiceBusFailure(error, config, `queue ${queue}`);
    }
  };
  return {
    queue,
    maxMessageBytes: async () => (await told(sender.createMessageBatch())).maxSizeInBytes,
    sendBatch: (batch) =>
      told(loss.during((abortSignal) => sender.sendMessages(asClientBatch(batch), { abortSignal }))),
    sendAlone: (message) =>
      told(loss.during((abortSignal) => sender.sendMessages(asClientMessage(message), { abortSignal }))),
    close: () => {
      loss.happen();
      return sender.close();
    },
  };
}

/** What the client asks of a batch of its own, which are not all declared. */
interface ClientBatch extends ServiceBusMessageBatch {
  readonly _messageSpanContexts: readonly unknown[];
  _generateMessage(): Buffer;
}

function asClientBatch(batch: MessageBatch): ClientBatch {
  return {
    count: batch.messages.length,
    sizeInBytes: batch.bytes,
    maxSizeInBytes: batch.maxBytes,
    tryAddMessage: () => false,
    _messageSpanContexts: [],
    _generateMessage: () => batch.encoded(),
  };
}

function asClientMessage(message: OutgoingMessage): ServiceBusMessage {
  const { body, subject, messageId, sessionId, common, properties } = message;
  const own = Object.fromEntries(
    properties.flatMap((name, index) => (index % 2 === 0 ? [[name, properties[index + 1] ?? ""]] : [])),
  );
  return {
    body,
    subject,
    messageId,
    contentType: CONTENT_TYPE,
    applicationProperties: { ...common.values, ...own },
    ...(sessionId === undefined ? {} : { sessionId }),
  };
}
