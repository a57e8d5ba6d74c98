import fc from "fast-check";
import { Clock } from "../clock";
import { readContent } from "../encoding/content";
import type { Consumer } from "./lane";
import type { Lock, Message } from "./message";
import { Namespace } from "./namespace";
import type { Queue } from "./queue";
import { settleAs } from "./settle";

/** A message whose body is this number, encoded: an amqp-value of a uint. */
function content(number: number) {
  const bytes = Buffer.from([0x00, 0x53, 0x77, 0x70, 0, 0, 0, 0]);
  bytes.writeUInt32BE(number, 4);
  return readContent(bytes);
}

function numberIn({ content: { bare } }: Message): number {
  return bare.readUInt32BE(bare.length - 4);
}

class TestConsumer implements Consumer {
  credit = 0;
  readonly taken: Message[] = [];
  readonly locks: Lock[] = [];

  constructor(readonly mode: Consumer["mode"]) {}

  take(message: Message, lock: Lock | undefined): void {
    this.credit -= 1;
    this.taken.push(message);
    if (lock) this.locks.push(lock);
  }
}

type Step = readonly [action: "send" | "want" | "complete" | "abandon" | "defer" | "dead-letter" | "wait", who: number];

const step = fc.tuple(
  fc.constantFrom<Step[0]>(
    "send",
    "send",
    "send",
    "want",
    "want",
    "complete",
    "complete",
    "abandon",
    "defer",
    "dead-letter",
    "wait",
  ),
  fc.nat({ max: 2 }),
);

function play(queue: Queue, clock: Clock, consumers: readonly TestConsumer[], steps: readonly Step[]): number {
  let sent = 0;
  for (const [action, who] of steps) {
    const consumer = consumers[who]!;
    if (action === "send") queue.send([content(sent++), content(sent++)]);
    else if (action === "wait") clock.skip(20_000);
    else if (action === "want") {
      consumer.credit += 2;
      queue.main.serve(undefined);
    } else {
      const lock = consumer.locks.shift();
      if (lock?.message.lock === lock && lock) settleAs(queue, queue.main, lock, { kind: action });
    }
  }
  return sent;
}

describe("a queue", () => {
  test("any history leaves every message in one place, and hands nothing out twice at a time", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const clock = new Clock();
        const queue = new Namespace(clock, "Standard").create("q", { maxDeliveryCount: 4, lockDurationMs: 30_000 });
        const consumers = (["peekLock", "peekLock", "receiveAndDelete"] as const).map((mode) => new TestConsumer(mode));
        for (const consumer of consumers) queue.main.join(consumer);
        const sent = play(queue, clock, consumers, steps);
        const there = [...queue.main.messages.values(), ...queue.deadLetters.messages.values()];
        expect(new Set(there.map(numberIn)).size).toBe(there.length);
        expect(there.length + queue.main.completed).toBe(sent);
        expect(queue.bytes).toBe(there.reduce((sum, { bytes }) => sum + bytes, 0));
        queue.stop();
      }),
      { numRuns: process.env["CDC_SOAK"] ? 5000 : 300 },
    );
  });

  test("one receiver that completes all gets them in the order of sending", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("send", "want", "abandon", "complete"), { maxLength: 60 }), (actions) => {
        const queue = new Namespace(new Clock(), "Standard").create("q", { maxDeliveryCount: 1000 });
        const consumer = new TestConsumer("peekLock");
        queue.main.join(consumer);
        const done: number[] = [];
        let sent = 0;
        for (const action of actions) {
          if (action === "send") queue.send([content(sent++)]);
          else if (action === "want" && consumer.locks.length === 0) {
            consumer.credit = 1;
            queue.main.serve(undefined);
          } else if (action === "abandon" || action === "complete") {
            const lock = consumer.locks.shift();
            if (lock && action === "complete") done.push(numberIn(lock.message));
            if (lock) settleAs(queue, queue.main, lock, { kind: action });
          }
        }
        expect(done).toEqual(done.map((_, n) => n));
        queue.stop();
      }),
    );
  });

  test("a message that is refused leaves nothing behind", () => {
    const queue = new Namespace(new Clock(), "Standard").create("q", { requiresSession: true });
    expect(() => queue.send([content(1)])).toThrow("SessionId");
    expect(queue.bytes).toBe(0);
    queue.stop();
  });
});
