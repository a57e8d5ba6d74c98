import { Fifo } from "./fifo";
import type { Lock, Message } from "./message";

/** Somebody who receives. */
export interface Consumer {
  /** Whether it takes messages out at once, or locks them. */
  readonly mode: "peekLock" | "receiveAndDelete";
  /** Messages it can take now. */
  readonly credit: number;
  /** Hands a message over, with its lock in peekLock mode. */
  take(message: Message, lock: Lock | undefined): void;
}

/** Messages ready to be received, in order, and those who want them: a queue without sessions, or one session. */
export class Lane {
  readonly consumers: Consumer[] = [];
  private readonly fresh = new Fifo<Message>();
  /** What was received before; the lowest sequence number last. */
  private readonly returned: Message[] = [];
  private turn = 0;

  /** Appends a message that is newer than all others. */
  append(message: Message): void {
    message.place = "ready";
    this.fresh.push(message);
  }

  /** Puts a message back where its sequence number belongs. */
  giveBack(message: Message): void {
    message.place = "ready";
    let at = this.returned.length;
    while (at > 0 && sequenceAt(this.returned, at - 1) < message.sequence) at -= 1;
    this.returned.splice(at, 0, message);
  }

  /** The next message, which stays. */
  first(): Message | undefined {
    while (this.fresh.peek()?.place === "gone") this.fresh.shift();
    while (this.returned.at(-1)?.place === "gone") this.returned.pop();
    const back = this.returned.at(-1);
    const fresh = this.fresh.peek();
    return back && (!fresh || back.sequence < fresh.sequence) ? back : fresh;
  }

  /** Takes the next message out. */
  shift(): Message | undefined {
    const first = this.first();
    if (first === undefined) return undefined;
    if (first === this.returned.at(-1)) this.returned.pop();
    else this.fresh.shift();
    return first;
  }

  /** The consumer whose turn it is, among those that can take a message. */
  nextConsumer(): Consumer | undefined {
    for (let tried = 0; tried < this.consumers.length; tried += 1) {
      const consumer = this.consumers[this.turn++ % this.consumers.length];
      if (consumer && consumer.credit > 0) return consumer;
    }
    return undefined;
  }

  leave(consumer: Consumer): void {
    const at = this.consumers.indexOf(consumer);
    if (at >= 0) this.consumers.splice(at, 1);
  }
}

function sequenceAt(messages: readonly Message[], at: number): number {
  return messages[at]?.sequence ?? Infinity;
}
