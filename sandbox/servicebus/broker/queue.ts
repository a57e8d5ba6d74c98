import type { Clock } from "../clock";
import { disabled, notAllowed, quotaExceeded } from "../errors";
import { withProperties } from "../encoding/properties";
import { Duplicates } from "./duplicates";
import type { Message, MessageContent } from "./message";
import { FOREVER_MS, type QueueSettings } from "./settings";
import { Store, type StoreOwner } from "./store";

/** Why a message went to the dead-letter queue, as receivers of it see it. */
export interface DeadLetterReason {
  readonly DeadLetterReason?: string | undefined;
  readonly DeadLetterErrorDescription?: string | undefined;
}

const GIVEN_UP = {
  MaxDeliveryCountExceeded: "Message could not be consumed after the maximum number of delivery attempts.",
  TTLExpiredException: "The message expired and was dead lettered.",
};

/** A queue with its dead-letter queue. */
export class Queue implements StoreOwner {
  readonly main: Store;
  readonly deadLetters: Store;
  /** Set to make it refuse as a full queue does. */
  full = false;
  private readonly duplicates = new Duplicates();
  private lastSequence = 0;

  constructor(
    readonly name: string,
    public settings: QueueSettings,
    readonly clock: Clock,
  ) {
    this.main = new Store(this, false);
    this.deadLetters = new Store(this, true);
  }

  /** Takes messages that came together: all or none. Throws BrokerError. */
  send(contents: readonly MessageContent[]): void {
    this.checkSend(contents);
    for (const content of contents) this.enqueue(content);
  }

  /** Keeps a message until its time; gives the sequence number to cancel it by. Throws BrokerError. */
  schedule(content: MessageContent): number {
    this.checkSend([content]);
    const message = this.messageOf(content);
    this.main.schedule(message);
    return message.sequence;
  }

  activate(message: Message): void {
    this.main.remove(message);
    this.main.add(this.messageOf(message.content));
  }

  giveUp(message: Message, why: keyof typeof GIVEN_UP): void {
    const kept = why === "MaxDeliveryCountExceeded" || this.settings.deadLetteringOnExpiration;
    if (kept) this.deadLetter(message, { DeadLetterReason: why, DeadLetterErrorDescription: GIVEN_UP[why] });
    else this.main.remove(message);
  }

  /** Moves a message to the dead-letter queue. */
  deadLetter(message: Message, properties: DeadLetterReason & Record<string, unknown>): void {
    const content = withProperties(message.content, properties);
    this.main.remove(message);
    this.deadLetters.add({ ...message, content, expiresAt: Infinity, lock: undefined, deferred: false });
  }

  /** Ends its timers. */
  stop(): void {
    this.main.stop();
    this.deadLetters.stop();
  }

  private checkSend(contents: readonly MessageContent[]): void {
    const { status, requiresSession, maxSizeInMegabytes } = this.settings;
    if (status === "Disabled" || status === "SendDisabled") throw disabled(this.name, "send");
    const used = this.main.bytes + this.deadLetters.bytes;
    if (this.full || used >= maxSizeInMegabytes * 1_048_576) throw quotaExceeded(this.name, maxSizeInMegabytes);
    if (requiresSession && contents.some(({ sessionId }) => sessionId === undefined))
      throw notAllowed("The SessionId was not set on a message, and it cannot be sent to the entity.");
  }

  private enqueue(content: MessageContent): void {
    const { requiresDuplicateDetection, duplicateDetectionWindowMs } = this.settings;
    const now = this.clock.now();
    if (requiresDuplicateDetection && this.duplicates.seen(content.messageId, now, duplicateDetectionWindowMs)) return;
    const message = this.messageOf(content);
    if ((content.scheduledFor ?? 0) > now) this.main.schedule(message);
    else this.main.add(message);
  }

  private messageOf(content: MessageContent): Message {
    const enqueuedAt = this.clock.now();
    const ttl = Math.min(content.ttlMs ?? FOREVER_MS, this.settings.defaultTtlMs);
    const ttlMs = ttl === FOREVER_MS ? undefined : ttl;
    return {
      sequence: ++this.lastSequence,
      content,
      bytes: content.bare.length + content.annotations.bytes.length,
      enqueuedAt,
      ttlMs,
      expiresAt: Math.max(enqueuedAt, content.scheduledFor ?? 0) + (ttlMs ?? Infinity),
      deliveryCount: 0,
      place: "ready",
      lock: undefined,
      deferred: false,
    };
  }
}
