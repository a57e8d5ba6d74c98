import { randomUUID } from "node:crypto";
import type { Clock } from "../clock";
import { messageLockLost, sessionLockLost } from "../errors";
import { Alarm } from "./alarm";
import { Lane, type Consumer } from "./lane";
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
  bytes = 0;
  private readonly lane = new Lane();
  private readonly locks = new Map<string, Lock>();
  private readonly alarm: Alarm;

  constructor(
    private readonly owner: StoreOwner,
    /** Dead letters have no sessions, don't expire and can fail for ever. */
    private readonly isDeadLetter: boolean,
  ) {
    this.sessions = owner.settings.requiresSession && !isDeadLetter ? new Sessions() : undefined;
    this.alarm = new Alarm(owner.clock, () => {
      this.sweep();
    });
  }

  /** Appends a message that can be received from now on. */
  add(message: Message): void {
    this.keep(message);
    const session = this.sessions?.of(message);
    (session ?? this.lane).append(message);
    this.flow(session);
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
    if (message.lock) this.unlock(message.lock);
    if (this.sessions) this.sessions.tidy(this.sessions.of(message));
  }

  join(consumer: Consumer): void {
    this.lane.consumers.push(consumer);
    this.flow(undefined);
  }

  leave(consumer: Consumer): void {
    this.lane.leave(consumer);
  }

  /** Hands out what a consumer can take now: of its session, or of the queue. */
  serve(session?: Session): void {
    this.flow(session);
  }

  /** Locks a message for a receiver. */
  lock(message: Message, session: Session | undefined): Lock {
    const until = session ? session.lockedUntil : this.lockEnd();
    const lock: Lock = { token: randomUUID(), message, until, session };
    message.place = "locked";
    message.lock = lock;
    this.locks.set(lock.token, lock);
    session?.locks.add(lock);
    if (!session) this.alarm.by(until);
    return lock;
  }

  /** The lock of that token. Throws BrokerError when it is lost. */
  held(token: string, session?: string): Lock {
    const lock = this.locks.get(token);
    if (!lock) throw session === undefined ? messageLockLost() : sessionLockLost(session);
    const until = lock.session?.lockedUntil ?? lock.until;
    if (until > this.owner.clock.now()) return lock;
    this.sweep();
    throw lock.session ? sessionLockLost(lock.session.id) : messageLockLost();
  }

  /** Renews the lock on a message; gives its new end. */
  renew(token: string): number {
    const lock = this.held(token);
    lock.until = this.lockEnd();
    return lock.until;
  }

  complete(lock: Lock): void {
    this.remove(lock.message);
  }

  /** Puts a message aside: only who knows its sequence number gets it. */
  defer(lock: Lock): void {
    this.unlock(lock);
    lock.message.place = "deferred";
    lock.message.deferred = true;
  }

  /** Gives a message back. A failed delivery counts. */
  abandon(lock: Lock, failed = true): void {
    const { message } = lock;
    this.unlock(lock);
    if (failed) message.deliveryCount += 1;
    if (!this.isDeadLetter && message.deliveryCount >= this.owner.settings.maxDeliveryCount) {
      this.owner.giveUp(message, "MaxDeliveryCountExceeded");
    } else if (message.deferred) message.place = "deferred";
    else this.putBack(message);
  }

  /** Frees a session; messages that are locked in it go back. */
  releaseSession(session: Session, failed: boolean): void {
    const holder = session.holder;
    if (!holder) return;
    session.holder = undefined;
    session.leave(holder);
    for (const lock of [...session.locks]) this.abandon(lock, failed);
    this.sessions?.offer(session, () => this.lockSession());
    this.sessions?.tidy(session);
  }

  /** When a session that is locked or renewed now is free again. */
  lockSession(): number {
    return this.lockEnd();
  }

  /** Does what is due: ends locks, activates scheduled messages, gives up expired ones. */
  sweep(): void {
    const now = this.owner.clock.now();
    for (const lock of [...this.locks.values()]) if (!lock.session && lock.until <= now) this.abandon(lock);
    for (const session of [...(this.sessions?.list() ?? [])]) this.sweepSession(session, now);
    for (const message of [...this.messages.values()]) this.sweepMessage(message, now);
    this.wake();
  }

  /** Stops its timers. */
  stop(): void {
    this.alarm.stop();
  }

  private sweepSession(session: Session, now: number): void {
    const { holder } = session;
    if (!holder || session.lockedUntil > now) return;
    this.releaseSession(session, true);
    holder.sessionLost(session);
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
    let next = Infinity;
    for (const lock of this.locks.values()) if (!lock.session) next = Math.min(next, lock.until);
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

  private unlock(lock: Lock): void {
    this.locks.delete(lock.token);
    lock.session?.locks.delete(lock);
    lock.message.lock = undefined;
  }

  private putBack(message: Message): void {
    const session = this.sessions?.of(message);
    (session ?? this.lane).giveBack(message);
    if (!this.isDeadLetter) this.alarm.by(message.expiresAt);
    this.flow(session);
  }

  private lockEnd(): number {
    const until = this.owner.clock.now() + this.owner.settings.lockDurationMs;
    this.alarm.by(until);
    return until;
  }

  /** Hands out messages of a lane as long as somebody takes them. */
  private flow(session: Session | undefined): void {
    const lane = session ?? this.lane;
    if (session && !session.holder) this.sessions?.offer(session, () => this.lockSession());
    for (;;) {
      const message = this.nextOf(lane);
      const consumer = message && lane.nextConsumer();
      if (!message || !consumer) return;
      lane.shift();
      if (consumer.mode === "peekLock") consumer.take(message, this.lock(message, session));
      else {
        this.remove(message);
        consumer.take(message, undefined);
      }
    }
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
