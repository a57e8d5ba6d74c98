import type { Clock } from "../clock";
import { BrokerError, disabled, invalid, notAllowed, quotaExceeded } from "../errors";
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

const OUT_OF_RANGE = "com.microsoft:argument-out-of-range";
const LONGEST_ID = 128;

const GIVEN_UP = {
  MaxDeliveryCountExceeded: "Message could not be consumed after the maximum number of delivery attempts.",
  TTLExpiredException: "The message expired and was dead lettered.",
};

/** How many messages are in which state. */
export interface QueueCounts {
  /** Ready, locked or deferred. */
  readonly active: number;
  readonly scheduled: number;
  readonly deadLetters: number;
}

/** A queue with its dead-letter queue. */
export class Queue implements StoreOwner {
  readonly main: Store;
  readonly deadLetters: Store;
  /** Set to make it refuse as a full queue does. */
  full = false;
  /** Messages that were sent and kept. */
  accepted = 0;
  /** Messages that were sent and dropped as duplicates. */
  dropped = 0;
  /** Told of every message that was sent and kept. */
  onArrival: ((message: Message) => void) | undefined;
  readonly createdAt: number;
  updatedAt: number;
  /** When it was sent to last. */
  accessedAt: number;
  private readonly duplicates = new Duplicates();
  private lastSequence = 0;

  constructor(
    readonly name: string,
    public settings: QueueSettings,
    readonly clock: Clock,
  ) {
    this.main = new Store(this, false);
    this.deadLetters = new Store(this, true);
    this.createdAt = this.updatedAt = this.accessedAt = clock.now();
  }

  /** Of all its messages, dead letters too. */
  get bytes(): number {
    return this.main.bytes + this.deadLetters.bytes;
  }

  /** How many messages are where; what is due is done first. */
  counts(): QueueCounts {
    this.main.sweep();
    const scheduled = [...this.main.messages.values()].filter(({ place }) => place === "scheduled").length;
    return { active: this.main.messages.size - scheduled, scheduled, deadLetters: this.deadLetters.messages.size };
  }

  /** Changes its properties. Throws BrokerError for those that cannot change. */
  update(settings: QueueSettings): void {
    for (const name of ["requiresSession", "requiresDuplicateDetection"] as const)
      if (settings[name] !== this.settings[name]) throw invalid(`The value of ${name} cannot be changed.`);
    this.settings = settings;
    this.updatedAt = this.clock.now();
  }

  /** Whether it may be sent to, or received from, now. */
  takes(what: "send" | "receive"): boolean {
    const { status } = this.settings;
    return status === "Active" || status === (what === "send" ? "ReceiveDisabled" : "SendDisabled");
  }

  /** Takes messages that came together: all or none. Throws BrokerError. */
  send(contents: readonly MessageContent[]): void {
    this.checkSend(contents);
    for (const content of contents) this.enqueue(content);
  }

  /** Keeps messages until their time; gives the sequence numbers to cancel them by. Throws BrokerError. */
  schedule(contents: readonly MessageContent[]): number[] {
    this.checkSend(contents);
    return contents.map((content) => {
      const message = this.messageOf(content);
      this.main.schedule(message);
      return message.sequence;
    });
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
    const { requiresSession, maxSizeInMegabytes } = this.settings;
    if (!this.takes("send")) throw disabled(this.name, "send");
    this.accessedAt = this.clock.now();
    if (this.full || this.bytes >= maxSizeInMegabytes * 1_048_576) throw quotaExceeded(this.name, maxSizeInMegabytes);
    if (requiresSession && contents.some(({ sessionId }) => sessionId === undefined))
      throw notAllowed("The SessionId was not set on a message, and it cannot be sent to the entity.");
    for (const { messageId, sessionId } of contents) {
      checkLength("MessageId", messageId);
      if (sessionId !== undefined) checkLength("SessionId", sessionId);
    }
  }

  private enqueue(content: MessageContent): void {
    const { requiresDuplicateDetection, duplicateDetectionWindowMs } = this.settings;
    const now = this.clock.now();
    if (requiresDuplicateDetection && this.duplicates.seen(content.messageId, now, duplicateDetectionWindowMs)) {
      this.dropped += 1;
      return;
    }
    const message = this.messageOf(content);
    this.accepted += 1;
    this.onArrival?.(message);
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

function checkLength(property: string, value: string): void {
  if (value.length > LONGEST_ID)
    throw new BrokerError(OUT_OF_RANGE, `${property} is longer than ${LONGEST_ID} characters.`);
}
