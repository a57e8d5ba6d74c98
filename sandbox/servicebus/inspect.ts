import { message as codec } from "rhea";
import type { Message, MessageContent, Place } from "./broker/message";

/** A message as it was sent. */
export interface SentMessage {
  readonly sequence: number;
  readonly messageId: string;
  readonly sessionId: string | undefined;
  readonly applicationProperties: Readonly<Record<string, unknown>>;
  /** Bytes of the body, as the client encoded them; undefined where it is no binary. */
  readonly body: Buffer | undefined;
}

/** A message as it lies in a queue. */
export interface SeenMessage extends SentMessage {
  readonly place: Place;
  /** Deliveries that failed. */
  readonly deliveryCount: number;
}

export function sent(sequence: number, content: MessageContent): SentMessage {
  const decoded = codec.decode(content.bare);
  const body = (decoded["body"] as { readonly content?: unknown } | undefined)?.content;
  return {
    sequence,
    messageId: content.messageId,
    sessionId: content.sessionId,
    applicationProperties: (decoded["application_properties"] ?? {}) as Record<string, unknown>,
    body: Buffer.isBuffer(body) ? body : undefined,
  };
}

export function seen({ sequence, content, place, deliveryCount }: Message): SeenMessage {
  return { ...sent(sequence, content), place, deliveryCount };
}
