import type { Clock } from "../clock";
import { Alarm } from "./alarm";
import { Lane, type Consumer } from "./lane";
import { Locks } from "./locks";
import type { Lock, Message } from "./message";
import type { Session } from "./session";
import { Sessions } from "./sessions";
import type { QueueSettings } from "./settings";

/** What a store asks its queue. */
export interface StoreOwner {
  readonly settings: QueueSettings;
  readonly clock: Clock;
  /** A message has failed too often or lived too long. */
  giveUp(message: Message, why: "MaxDeliveryCountExceeded" | "TTLExpiredException"): void;
  /** A scheduled message's time has come. */
  activate(message: Message): void;
}

/** Messages of a queue, or of its dead-letter queue, with the locks on them. */
export class Store {
  /** All that are there, in order of arrival. */
  readonly messages = new Map<number, Message>();
  readonly sessions: Sessions | undefined;
  /** Of all messages. */
  bytes = 0;
  /** Messages that receivers took away for good. */
  completed = 0;
  private readonly lane = new Lane();
  private readonly locks = new Locks();
  private readonly alarm: Alarm;

  constructor(
    private readonly owner: StoreOwner,
    /** Dead letters have no sessions, don't expire and can fail for ever. */
    private readonly isDeadLetter: boolean,
  ) {
    const { settings, clock } = owner;
    this.sessions = settings.requiresSession && !isDeadLetter ? new Sessions(() => this.lockEnd()) : undefined;
    this.alarm = new Alarm(clock, () => {
      this.sweep();
    });
  }

  /** Appends a message that can be received from now on. */
  add(message: Message): void {
    this.keep(message);
    const session = this.sessions?.of(message);
    (session ?? this.lane).append(message);
    this.serve(session);
  }

  /** Keeps a message that nobody can receive yet. */
  schedule(message: Message): void {
    message.place = "scheduled";
    this.keep(message);
    this.alarm.by(message.content.scheduledFor ?? 0);
  }

  /** Takes a message away for good. */
  remove(message: Message): void {
    message.place = "gone";
    if (this.messages.delete(message.sequence)) this.bytes -= message.bytes;
    if (message.lock) this.locks.end(message.lock);
    this.sessions?.tidy(message);
  }

  /** A receiver is done with a message. */
  complete(message: Message): void {
    this.completed += 1;
    this.remove(message);
  }

  join(consumer: Consumer): void {
    this.lane.consumers.push(consumer);
    this.serve(undefined);
  }

  leave(consumer: Consumer): void {
    this.lane.leave(consumer);
  }

  /** Hands out messages of a session, or of the queue, as long as somebody takes them. */
  serve(session: Session | undefined): void {
    const lane = session ?? this.lane;
    if (session) this.sessions?.offer(session);
    for (;;) {
      const message = this.nextOf(lane);
      const consumer = message && lane.nextConsumer();
      if (!message || !consumer) return;
      lane.shift();
      this.hand(message, consumer, session);
    }
  }

  /** Locks a message for somebody who takes it. */
  lock(message: Message, session: Session | undefined): Lock {
    return this.locks.take(message, session ? Infinity : this.lockEnd(), session);
  }

  /**
   * The lock of that token. Throws BrokerError when it is lost.
   * @param session of whoever asks
   */
  held(token: string, session?: string): Lock {
    return this.locks.held(token, this.owner.clock.now(), session);
  }

  /** When a lock ends that is taken, or renewed, now. */
  lockEnd(): number {
    const until = this.owner.clock.now() + this.owner.settings.lockDurationMs;
    this.alarm.by(until);
    return until;
  }

  /** Puts a message aside: only who knows its sequence number gets it. */
  defer(lock: Lock): void {
    this.locks.end(lock);
    lock.message.place = "deferred";
    lock.message.deferred = true;
  }

  /** Gives a message back after a delivery that failed. */
  abandon(lock: Lock): void {
    this.giveBack(lock, true);
    this.serve(lock.session);
  }

  /**
   * Frees a session. Messages that are locked in it go back.
   * @param failed whether that counts as a failed delivery
   */
  releaseSession(session: Session, failed: boolean): void {
    const { holder } = session;
    if (!holder) return;
    session.holder = undefined;
    session.leave(holder);
    for (const lock of [...session.locks]) this.giveBack(lock, failed);
    this.sessions?.offer(session);
  }

  /** Ends all locks now, as if their time were over. */
  endLocks(): void {
    for (const lock of this.locks.lost(Infinity)) this.abandon(lock);
    for (const session of [...(this.sessions?.list() ?? [])]) this.endSession(session);
  }

  /** Does what is due: ends locks, activates scheduled messages, gives up expired ones. */
  sweep(): void {
    const now = this.owner.clock.now();
    for (const lock of this.locks.lost(now)) this.abandon(lock);
    for (const session of [...(this.sessions?.list() ?? [])]) if (session.lockedUntil <= now) this.endSession(session);
    for (const message of [...this.messages.values()]) this.sweepMessage(message, now);
    this.wake();
  }

  /** Stops its timers. */
  stop(): void {
    this.alarm.stop();
  }

  private hand(message: Message, consumer: Consumer, session: Session | undefined): void {
    if (consumer.mode === "peekLock") consumer.take(message, this.lock(message, session));
    else {
      this.complete(message);
      consumer.take(message, undefined);
    }
  }

  private giveBack(lock: Lock, failed: boolean): void {
    const { message } = lock;
    this.locks.end(lock);
    if (failed) message.deliveryCount += 1;
    if (!this.isDeadLetter && message.deliveryCount >= this.owner.settings.maxDeliveryCount)
      this.owner.giveUp(message, "MaxDeliveryCountExceeded");
    else if (message.deferred) message.place = "deferred";
    else (lock.session ?? this.lane).giveBack(message);
    if (!this.isDeadLetter) this.alarm.by(message.expiresAt);
  }

  private endSession(session: Session): void {
    const { holder } = session;
    this.releaseSession(session, true);
    holder?.sessionLost(session);
  }

  private sweepMessage(message: Message, now: number): void {
    if (message.place === "scheduled" && (message.content.scheduledFor ?? 0) <= now) this.owner.activate(message);
    else if (this.expired(message, now)) this.owner.giveUp(message, "TTLExpiredException");
  }

  private expired(message: Message, now: number): boolean {
    if (this.isDeadLetter || message.expiresAt > now) return false;
    return message.place === "ready" || message.place === "deferred";
  }

  /** Sets the alarm for all that is there. */
  private wake(): void {
    let next = this.locks.nextEnd();
    for (const { holder, lockedUntil } of this.sessions?.list() ?? []) if (holder) next = Math.min(next, lockedUntil);
    for (const message of this.messages.values()) next = Math.min(next, this.deadlineOf(message));
    this.alarm.by(next);
  }

  private deadlineOf({ place, content, expiresAt }: Message): number {
    if (place === "scheduled") return content.scheduledFor ?? 0;
    return this.isDeadLetter || place === "locked" ? Infinity : expiresAt;
  }

  private keep(message: Message): void {
    this.messages.set(message.sequence, message);
    this.bytes += message.bytes;
    if (!this.isDeadLetter) this.alarm.by(message.expiresAt);
  }

  private nextOf(lane: Lane): Message | undefined {
    const now = this.owner.clock.now();
    for (;;) {
      const message = lane.first();
      if (!message || !this.expired(message, now)) return message;
      this.owner.giveUp(message, "TTLExpiredException");
    }
  }
}
