import { message as codec } from "rhea";
import type { Message, Place } from "./broker/message";
import type { Namespace } from "./broker/namespace";

/** A message as it lies in a queue. */
export interface SeenMessage {
  readonly sequence: number;
  readonly messageId: string;
  readonly sessionId: string | undefined;
  readonly place: Place;
  readonly deliveryCount: number;
  readonly applicationProperties: Readonly<Record<string, unknown>>;
  /** Bytes of the body, as the client encoded them. */
  readonly body: Buffer | undefined;
}

/** How many messages are in which state. */
export interface QueueCounts {
  /** Ready, locked or deferred. */
  readonly active: number;
  readonly scheduled: number;
  readonly deadLetters: number;
}

/** Looks inside a running stand-in. Names of queues that don't exist throw BrokerError (amqp:not-found). */
export class ServiceBusControl {
  constructor(private readonly namespace: Namespace) {}

  /** What is in a queue, or in `queue/$DeadLetterQueue`, in order. */
  messages(address: string): SeenMessage[] {
    return [...this.namespace.open(address).store.messages.values()].map(seen);
  }

  counts(queue: string): QueueCounts {
    const { main, deadLetters } = this.namespace.queue(queue);
    const scheduled = [...main.messages.values()].filter(({ place }) => place === "scheduled").length;
    return { active: main.messages.size - scheduled, scheduled, deadLetters: deadLetters.messages.size };
  }

  /** Lets so many milliseconds pass at once: locks, times to live, windows and schedules go by. */
  skip(milliseconds: number): void {
    this.namespace.clock.skip(milliseconds);
  }
}

function seen({ sequence, content, place, deliveryCount }: Message): SeenMessage {
  const decoded = codec.decode(content.bare);
  const body = (decoded["body"] as { readonly content?: unknown } | undefined)?.content;
  const applicationProperties = (decoded["application_properties"] ?? {}) as Record<string, unknown>;
  return {
    sequence,
    messageId: content.messageId,
    sessionId: content.sessionId,
    place,
    deliveryCount,
    applicationProperties,
    body: Buffer.isBuffer(body) ? body : undefined,
  };
}
