import type { Session } from "./session";

/** What a sender sent: what the broker has to know of it, and the rest as it came. */
export interface MessageContent {
  /** Equal for equal ids, and for no others. */
  readonly messageId: string;
  readonly sessionId: string | undefined;
  /** Milliseconds; undefined where the sender set none. */
  readonly ttlMs: number | undefined;
  /** Milliseconds since 1970 from when on it may be received. */
  readonly scheduledFor: number | undefined;
  readonly durable: boolean;
  readonly priority: number | undefined;
  /** Keys and values of the sender's message annotations. */
  readonly annotations: Pairs;
  /** All sections from the properties on. */
  readonly bare: Buffer;
}

/** Encoded keys and values of a map, one after the other. */
export interface Pairs {
  readonly bytes: Buffer;
  /** Keys and values. */
  readonly count: number;
}

/** Where a message is. */
export type Place = "ready" | "locked" | "deferred" | "scheduled" | "gone";

/** A message in a queue. */
export interface Message {
  sequence: number;
  content: MessageContent;
  readonly bytes: number;
  enqueuedAt: number;
  /** Time to live, the shorter one of the sender's and the queue's; undefined for ever. */
  readonly ttlMs: number | undefined;
  /** Milliseconds since 1970; Infinity when it never expires. */
  expiresAt: number;
  /** Deliveries that failed. */
  deliveryCount: number;
  place: Place;
  /** The lock that holds it, while it is locked. */
  lock: Lock | undefined;
  /** Whether it goes back to the deferred ones, not to the ready ones, when its lock ends. */
  deferred: boolean;
}

/** A receiver's right to settle a message. */
export interface Lock {
  /** A UUID. */
  readonly token: string;
  readonly message: Message;
  /** Milliseconds since 1970; the session's own lock counts where there is one. */
  until: number;
  readonly session: Session | undefined;
}
