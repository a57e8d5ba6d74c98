import type { Delivery } from "rhea";
import type { Consumer } from "../broker/lane";
import { endOf } from "../broker/locks";
import type { Lock, Message } from "../broker/message";
import type { Queue } from "../broker/queue";
import type { Session } from "../broker/session";
import { settleAs, type Decision } from "../broker/settle";
import type { Store } from "../broker/store";
import { encodeDelivery } from "../encoding/delivery";
import { messageLockLost } from "../errors";
import type { LinkContext } from "./link-context";
import type { LinkHandler } from "./link-handler";
import { tagOf } from "./lock-tag";
import { hasRoom, isDraining, settleOutgoing, type Outcome, type OutcomeKind, type SenderLink } from "./rhea";

/** A link on which a client receives from a queue. */
export class ConsumerLink implements LinkHandler, Consumer {
  readonly mode: Consumer["mode"];
  readonly name: string;
  /** Deliveries handed to rhea, and credit given up. */
  private given = 0;
  private readonly locks = new Map<Delivery, Lock>();

  constructor(
    protected readonly link: SenderLink,
    readonly queue: Queue,
    protected readonly store: Store,
    protected readonly context: LinkContext,
  ) {
    const { attach } = link.local;
    attach.snd_settle_mode = link.snd_settle_mode;
    attach.rcv_settle_mode = link.rcv_settle_mode;
    this.mode = link.snd_settle_mode === 1 ? "receiveAndDelete" : "peekLock";
    this.name = link.name;
  }

  /** rhea counts credit down only when it writes: what it hasn't written yet is taken off here. */
  get credit(): number {
    const unwritten = this.given - this.link.delivery_count;
    return this.link.is_open() && hasRoom(this.link) ? this.link.credit - unwritten : 0;
  }

  take(message: Message, lock: Lock | undefined): void {
    this.given += 1;
    const bytes = encodeDelivery(message, lock && endOf(lock));
    this.context.faults.later(() => {
      const delivery = this.link.send(bytes, lock && tagOf(lock.token), 0);
      if (lock) this.locks.set(delivery, lock);
    });
  }

  flow(): void {
    this.store.serve(this.session);
    this.drain();
  }

  outcome(kind: OutcomeKind, outcome: Outcome, delivery: Delivery): void {
    const { faults, cut } = this.context;
    const answer = settleOutgoing.bind(undefined, delivery);
    faults.run({ operation: "settle", queue: this.queue.name, cut, answer }, () => {
      settleAs(this.queue, this.store, this.lockOf(delivery), decisionOf(kind, outcome));
    });
  }

  closed(): void {
    this.store.leave(this);
  }

  /** The session that it receives, while it has one. */
  protected get session(): Session | undefined {
    return undefined;
  }

  /** Throws BrokerError when the lock is lost. */
  private lockOf(delivery: Delivery): Lock {
    const lock = this.locks.get(delivery);
    this.locks.delete(delivery);
    if (!lock) throw messageLockLost();
    return this.store.held(lock.token, lock.session?.id);
  }

  /** The client wants nothing more than what is there now: the rest of its credit goes back, behind all deliveries. */
  private drain(): void {
    if (!isDraining(this.link)) return;
    if (this.given > this.link.delivery_count) {
      setImmediate(() => this.drain());
      return;
    }
    this.given += this.link.credit;
    this.link.set_drained(true);
  }
}

function decisionOf(kind: OutcomeKind, { error, undeliverable_here, message_annotations }: Outcome): Decision {
  if (kind === "accepted") return { kind: "complete" };
  if (kind === "rejected") return { kind: "dead-letter", properties: error?.info ?? {} };
  return { kind: undeliverable_here ? "defer" : "abandon", properties: message_annotations ?? {} };
}
