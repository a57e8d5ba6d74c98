import { ServiceBusClient, type ServiceBusReceivedMessage, type ServiceBusSessionReceiver } from "@azure/service-bus";
import fc from "fast-check";
import { QUICK } from "../../test/harness/service-bus";
import { startServiceBus, type RunningServiceBus } from ".";

const SESSIONS = ["a", "b", "c"] as const;
type Session = (typeof SESSIONS)[number];
type Step =
  | { readonly do: "send" | "accept" | "close" | "complete" | "abandon" | "expire"; readonly session: Session }
  | { readonly do: "receive"; readonly session: Session; readonly count: number };

const step = fc.oneof<fc.Arbitrary<Step>[]>(
  fc.record({
    do: fc.constantFrom("send", "send", "accept", "complete", "complete", "abandon", "close", "expire"),
    session: fc.constantFrom(...SESSIONS),
  }),
  fc.record({
    do: fc.constant("receive" as const),
    session: fc.constantFrom(...SESSIONS),
    count: fc.integer({ min: 1, max: 4 }),
  }),
);

let bus: RunningServiceBus;
let client: ServiceBusClient;
let histories = 0;

beforeAll(async () => {
  bus = await startServiceBus();
  client = new ServiceBusClient(bus.connectionString, QUICK);
});

afterAll(async () => {
  await client.close();
  await bus.close();
});

/** One session as a receiver and the model see it. */
class SessionRun {
  /** Numbers that were sent and not completed, in order. */
  readonly left: number[] = [];
  readonly done: number[] = [];
  private sent = 0;
  private receiver: ServiceBusSessionReceiver | undefined;
  private held: ServiceBusReceivedMessage[] = [];

  constructor(
    private readonly queue: string,
    private readonly id: Session,
  ) {}

  async take(taken: Step): Promise<void> {
    if (taken.do === "send") return this.send();
    if (taken.do === "expire") return this.expire();
    if (taken.do === "close") return this.close();
    if (taken.do === "receive") return this.receive(taken.count);
    if (taken.do === "accept") await this.accepted();
    else await this.settle(taken.do);
  }

  /** Receives all that is left, and completes it. */
  async finish(): Promise<void> {
    await this.close();
    while (this.left.length > 0) {
      await this.receive(this.left.length);
      while (this.held.length > 0) await this.settle("complete");
    }
    await this.close();
  }

  async close(): Promise<void> {
    await this.receiver?.close();
    this.receiver = undefined;
    this.held = [];
  }

  private async send(): Promise<void> {
    const bodies = [this.sent++, this.sent++];
    this.left.push(...bodies);
    const messages = bodies.map((body) => ({ body, sessionId: this.id, messageId: `${this.id}${String(body)}` }));
    await client.createSender(this.queue).sendMessages(messages);
  }

  /** What is locked comes first, so what is received next is what follows it. */
  private async receive(count: number): Promise<void> {
    const waiting = this.left.slice(this.held.length);
    if (waiting.length === 0) return;
    const receiver = await this.accepted();
    const want = Math.min(count, waiting.length);
    const messages: ServiceBusReceivedMessage[] = [];
    while (messages.length < want) messages.push(...(await receiver.receiveMessages(want - messages.length)));
    expect(messages.map(({ body }) => body as number)).toEqual(waiting.slice(0, want));
    this.held.push(...messages);
  }

  private async settle(how: "complete" | "abandon"): Promise<void> {
    const [first] = this.held;
    if (!first || !this.receiver) return;
    if (how === "complete") {
      await this.receiver.completeMessage(first);
      this.held.shift();
      this.done.push(this.left.shift()!);
    } else {
      // All that is locked goes back, the last one first, so that nothing overtakes.
      for (const message of this.held.reverse()) await this.receiver.abandonMessage(message);
      this.held = [];
    }
  }

  private async expire(): Promise<void> {
    bus.control.endLocks(this.queue);
    await this.close();
  }

  private async accepted(): Promise<ServiceBusSessionReceiver> {
    const options = { maxAutoLockRenewalDurationInMs: 0 };
    return (this.receiver ??= await client.acceptSession(this.queue, this.id, options));
  }
}

test("any history of sends, receives and settlements keeps each session's order, loses nothing, doubles nothing", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      const queue = `history-${String(++histories)}`;
      const settings = { requiresSession: true, requiresDuplicateDetection: true, maxDeliveryCount: 1000 };
      bus.createQueue(queue, settings);
      const runs = { a: new SessionRun(queue, "a"), b: new SessionRun(queue, "b"), c: new SessionRun(queue, "c") };
      for (const each of steps) {
        await runs[each.session].take(each);
        // Locks of all sessions ended, not only of the one that was named.
        if (each.do === "expire") for (const run of Object.values(runs)) await run.close();
      }
      for (const run of Object.values(runs)) {
        await run.finish();
        expect(run.done).toEqual(Array.from(run.done, (_, n) => n));
      }
      expect(bus.control.counts(queue)).toEqual({ active: 0, scheduled: 0, deadLetters: 0 });
      const { accepted, completed } = bus.control.totals(queue);
      expect(completed).toBe(accepted);
    }),
    { numRuns: process.env["CDC_SOAK"] ? 100 : 10 },
  );
});
