import type { PropertyBlock } from "./property-block";

/** A message to be sent. Strings are at most as long as Service Bus takes them. */
export interface OutgoingMessage {
  /** What duplicate detection goes by; at most 128 characters. */
  readonly messageId: string;
  /** Messages of one session stay in order; at most 128 characters. Absent: the queue has no sessions. */
  readonly sessionId?: string;
  readonly subject: string;
  readonly body: Buffer;
  /** Application properties that are the same for many messages. */
  readonly common: PropertyBlock;
  /** Application properties of this message, alternating name and value. */
  readonly properties: readonly string[];
}

/** Content type of every message: the body is a JSON text. */
export const CONTENT_TYPE = "application/json";
