import type { Delivery } from "rhea";
import type { Consumer } from "../broker/lane";
import type { Lock, Message } from "../broker/message";
import type { Queue } from "../broker/queue";
import type { Session } from "../broker/session";
import type { Store } from "../broker/store";
import { withProperties } from "../encoding/properties";
import { encodeDelivery } from "../encoding/delivery";
import { messageLockLost, sessionLockLost } from "../errors";
import type { LinkHandler } from "./link-handler";
import { asBrokerError, settleOutgoing, type Outcome, type SenderLink } from "./rhea";
import { tagOf } from "./lock-tag";

/** Deliveries that one AMQP session can have open. */
const OPEN_DELIVERIES_LEFT = 1;

/** A link on which a client receives from a queue. */
export class ConsumerLink implements LinkHandler, Consumer {
  readonly mode: "peekLock" | "receiveAndDelete";
  /** Deliveries handed to rhea, and credit given up. */
  private given = 0;
  private readonly locks = new Map<Delivery, Lock>();

  constructor(
    protected readonly link: SenderLink,
    protected readonly queue: Queue,
    protected readonly store: Store,
  ) {
    const { attach } = link.local;
    attach.snd_settle_mode = link.snd_settle_mode;
    attach.rcv_settle_mode = link.rcv_settle_mode;
    this.mode = link.snd_settle_mode === 1 ? "receiveAndDelete" : "peekLock";
  }

  /** rhea counts credit down only when it writes: what it hasn't written yet is taken off here. */
  get credit(): number {
    const unwritten = this.given - this.link.delivery_count;
    return this.link.is_remote_open() && this.ringHasRoom() ? this.link.credit - unwritten : 0;
  }

  take(message: Message, lock: Lock | undefined): void {
    const bytes = encodeDelivery(message, lock && (lock.session?.lockedUntil ?? lock.until));
    const delivery = this.link.send(bytes, lock && tagOf(lock.token), 0);
    this.given += 1;
    if (lock) this.locks.set(delivery, lock);
  }

  flow(): void {
    this.store.serve(this.session);
    this.drain();
  }

  outcome(kind: "accepted" | "rejected" | "released" | "modified", outcome: Outcome, delivery: Delivery): void {
    try {
      this.decide(this.lockOf(delivery), kind, outcome);
      settleOutgoing(delivery);
    } catch (error) {
      settleOutgoing(delivery, asBrokerError(error));
    }
  }

  closed(): void {
    this.locks.clear();
    this.store.leave(this);
  }

  protected get session(): Session | undefined {
    return undefined;
  }

  private decide(lock: Lock, kind: "accepted" | "rejected" | "released" | "modified", outcome: Outcome): void {
    if (kind === "accepted") this.store.complete(lock);
    else if (kind === "rejected") this.queue.deadLetter(lock.message, outcome.error?.info ?? {});
    else {
      const { message } = lock;
      message.content = withProperties(message.content, outcome.message_annotations ?? {});
      if (outcome.undeliverable_here) this.store.defer(lock);
      else this.store.abandon(lock);
    }
  }

  /** Throws BrokerError when the lock is lost. */
  private lockOf(delivery: Delivery): Lock {
    const lock = this.locks.get(delivery);
    this.locks.delete(delivery);
    if (lock) return this.store.held(lock.token, lock.session?.id);
    throw this.session ? sessionLockLost(this.session.id) : messageLockLost();
  }

  /** The client asks for nothing more than what is there now: the rest of its credit goes back. */
  private drain(): void {
    if (!(this.link as unknown as { _draining: boolean })._draining) return;
    if (this.given > this.link.delivery_count) {
      setImmediate(() => this.drain());
      return;
    }
    this.given += this.link.credit;
    this.link.set_drained(true);
  }

  private ringHasRoom(): boolean {
    const { outgoing } = this.link.session as unknown as { outgoing: { available(): number } };
    return outgoing.available() >= OPEN_DELIVERIES_LEFT;
  }
}
