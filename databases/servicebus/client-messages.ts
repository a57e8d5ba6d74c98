import type { ServiceBusMessage, ServiceBusMessageBatch } from "@azure/service-bus";
import type { MessageBatch } from "./messages/message-batch";
import { CONTENT_TYPE, type OutgoingMessage } from "./messages/outgoing";

/** What the client asks of a batch of its own, which are not all declared. */
interface ClientBatch extends ServiceBusMessageBatch {
  readonly _messageSpanContexts: readonly unknown[];
  _generateMessage(): Buffer;
}

/** A batch as the client takes those of its own. */
export function asClientBatch(batch: MessageBatch): ClientBatch {
  return {
    count: batch.messages.length,
    sizeInBytes: batch.bytes,
    maxSizeInBytes: batch.maxBytes,
    tryAddMessage: () => false,
    _messageSpanContexts: [],
    _generateMessage: () => batch.encoded(),
  };
}

/** A message that the client writes by itself. */
export function asClientMessage(message: OutgoingMessage): ServiceBusMessage {
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
