import type { ServiceBusReceivedMessage, ServiceBusReceiver } from "@azure/service-bus";
import { eventually } from "../../test/harness/eventually";
import { bodies, openBusLab, receive, receiveNow, type BusLab } from "../../test/harness/service-bus";
import type { QueueSettings } from ".";

let lab: BusLab;

beforeEach(async () => {
  lab = await openBusLab();
});

afterEach(() => lab.close());

/** A queue with so many messages, and a receiver of it. */
async function filled(count: number, settings?: Partial<QueueSettings>) {
  const queue = lab.queue(settings);
  const sender = lab.client.createSender(queue);
  await sender.sendMessages(Array.from({ length: count }, (_, n) => ({ body: n + 1, messageId: `m${String(n + 1)}` })));
  return { queue, sender, receiver: lab.client.createReceiver(queue), control: lab.bus.control };
}

async function one(receiver: ServiceBusReceiver): Promise<ServiceBusReceivedMessage> {
  const [message] = await receive(receiver, 1);
  return message!;
}

describe("settling", () => {
  test("what is abandoned comes again, in its old place", async () => {
    const { receiver } = await filled(3);
    const [first, second] = await receive(receiver, 2);
    await receiver.abandonMessage(second!, { seen: "yes" });
    await receiver.abandonMessage(first!);
    const again = await receive(receiver, 3);
    expect(bodies(again)).toEqual([1, 2, 3]);
    expect(again.map(({ deliveryCount }) => deliveryCount)).toEqual([1, 1, 0]);
    expect(again[1]!.applicationProperties).toEqual({ seen: "yes" });
  });

  test("what fails too often becomes a dead letter", async () => {
    const { receiver, queue, control } = await filled(2, { maxDeliveryCount: 3 });
    for (let tried = 0; tried < 3; tried += 1) await receiver.abandonMessage(await one(receiver));
    expect((await one(receiver)).body).toBe(2);
    const dead = await one(lab.client.createReceiver(queue, { subQueueType: "deadLetter" }));
    expect(dead).toMatchObject({ body: 1, deadLetterReason: "MaxDeliveryCountExceeded", deliveryCount: 3 });
    expect(control.counts(queue)).toEqual({ active: 1, scheduled: 0, deadLetters: 1 });
  });

  test("a dead letter keeps its reason and properties, and can be settled", async () => {
    const { receiver, queue, control } = await filled(1);
    await receiver.deadLetterMessage(await one(receiver), {
      deadLetterReason: "wrong",
      deadLetterErrorDescription: "too wrong",
      extra: 5,
    });
    const letters = lab.client.createReceiver(queue, { subQueueType: "deadLetter" });
    const [peeked] = await letters.peekMessages(5);
    expect(peeked).toMatchObject({ deadLetterReason: "wrong", deadLetterErrorDescription: "too wrong" });
    for (let tried = 0; tried < 12; tried += 1) await letters.abandonMessage(await one(letters));
    const dead = await one(letters);
    expect(dead.applicationProperties).toMatchObject({ extra: 5 });
    await letters.completeMessage(dead);
    expect(control.counts(queue).deadLetters).toBe(0);
    await expect(lab.client.createSender(`${queue}/$DeadLetterQueue`).sendMessages({ body: 1 })).rejects.toThrow(
      "cannot be sent to a dead-letter queue",
    );
  });

  test("what is deferred comes by its number only", async () => {
    const { receiver, queue, control } = await filled(2);
    const message = await one(receiver);
    await receiver.deferMessage(message, { why: "later" });
    expect((await one(receiver)).body).toBe(2);
    expect((await receiver.peekMessages(1))[0]).toMatchObject({ state: "deferred", body: 1 });
    const deferred = async () => (await receiver.receiveDeferredMessages(message.sequenceNumber!))[0]!;
    const again = await deferred();
    expect(again).toMatchObject({ body: 1, state: "deferred", applicationProperties: { why: "later" } });
    await expect(deferred()).rejects.toMatchObject({ code: "MessageNotFound" });
    await receiver.abandonMessage(again);
    expect((await deferred()).deliveryCount).toBe(1);
    control.endLocks(queue);
    await receiver.deadLetterMessage(await deferred(), { deadLetterReason: "r", deadLetterErrorDescription: "d" });
    expect(control.messages(`${queue}/$DeadLetterQueue`)[0]!.applicationProperties).toEqual({
      why: "later",
      DeadLetterReason: "r",
      DeadLetterErrorDescription: "d",
    });
  });

  test("a deferred message can be completed, and taken at once", async () => {
    const { receiver, queue, control } = await filled(2);
    const messages = await receive(receiver, 2);
    for (const message of messages) await receiver.deferMessage(message);
    const [first, second] = messages.map(({ sequenceNumber }) => sequenceNumber!);
    await receiver.completeMessage((await receiver.receiveDeferredMessages(first!))[0]!);
    const taker = lab.client.createReceiver(queue, { receiveMode: "receiveAndDelete" });
    expect(bodies(await taker.receiveDeferredMessages(second!))).toEqual([2]);
    expect(control.counts(queue).active).toBe(0);
  });

  test("receive and delete takes messages at once", async () => {
    const { queue, control } = await filled(5);
    const receiver = lab.client.createReceiver(queue, { receiveMode: "receiveAndDelete" });
    expect(bodies(await receive(receiver, 5))).toEqual([1, 2, 3, 4, 5]);
    expect(control.counts(queue).active).toBe(0);
  });
});

describe("locks", () => {
  test("a lock that ran out cannot settle, and the message comes again", async () => {
    const { receiver, control } = await filled(1, { lockDurationMs: 5000 });
    const message = await one(receiver);
    control.skip(5001);
    await expect(receiver.completeMessage(message)).rejects.toMatchObject({ code: "MessageLockLost" });
    const again = await one(receiver);
    expect(again).toMatchObject({ body: 1, deliveryCount: 1 });
    await receiver.completeMessage(again);
  });

  test("it runs out by itself", async () => {
    const { queue } = await filled(1, { lockDurationMs: 300 });
    const receiver = lab.client.createReceiver(queue, { maxAutoLockRenewalDurationInMs: 0 });
    await one(receiver);
    expect((await one(receiver)).deliveryCount).toBe(1);
  });

  test("renewing keeps it", async () => {
    const { receiver, control } = await filled(1, { lockDurationMs: 60_000 });
    const message = await one(receiver);
    control.skip(50_000);
    const until = await receiver.renewMessageLock(message);
    expect(until.getTime()).toBeGreaterThan(Date.now() + 100_000);
    control.skip(50_000);
    await receiver.completeMessage(message);
  });

  test("the client renews by itself while a handler works", async () => {
    const { receiver, queue, control } = await filled(1, { lockDurationMs: 5000 });
    let renewedUntil = 0;
    const working = receiver.subscribe({
      processMessage: async (message) => {
        const first = message.lockedUntilUtc!.getTime();
        await eventually(() => expect(message.lockedUntilUtc!.getTime()).toBeGreaterThan(first));
        renewedUntil = message.lockedUntilUtc!.getTime();
      },
      processError: (args) => Promise.reject(args.error),
    });
    await eventually(() => expect(control.totals(queue).completed).toBe(1));
    expect(renewedUntil).toBeGreaterThan(0);
    await working.close();
  });

  test("it outlives its receiver", async () => {
    const { receiver, queue, control } = await filled(1);
    await one(receiver);
    await receiver.close();
    const other = lab.client.createReceiver(queue);
    expect(await receiveNow(other)).toEqual([]);
    control.endLocks(queue);
    expect((await one(other)).deliveryCount).toBe(1);
  });
});

describe("time to live", () => {
  test("expired messages vanish, or become dead letters", async () => {
    for (const deadLetteringOnExpiration of [false, true]) {
      const { queue, sender, receiver, control } = await filled(0, { deadLetteringOnExpiration, defaultTtlMs: 90_000 });
      await sender.sendMessages([{ body: 1, timeToLive: 60_000 }, { body: 2 }, { body: 3, timeToLive: 120_000 }]);
      const [, second] = await receiver.peekMessages(2);
      expect(second!.timeToLive).toBe(90_000);
      control.skip(60_001);
      expect(bodies(await receiver.peekMessages(5, { fromSequenceNumber: second!.sequenceNumber! }))).toEqual([2, 3]);
      control.skip(30_000);
      expect(await receiveNow(receiver)).toEqual([]);
      expect(control.counts(queue)).toEqual({
        active: 0,
        scheduled: 0,
        deadLetters: deadLetteringOnExpiration ? 3 : 0,
      });
      const reasons = control.messages(`${queue}/$DeadLetterQueue`).map((each) => each.applicationProperties);
      for (const reason of reasons) expect(reason).toMatchObject({ DeadLetterReason: "TTLExpiredException" });
    }
  });

  test("a message that is locked in time can be completed", async () => {
    const { sender, receiver, control } = await filled(0);
    await sender.sendMessages({ body: 1, timeToLive: 1000 });
    const message = await one(receiver);
    control.skip(2000);
    await receiver.completeMessage(message);
  });
});

describe("peeking", () => {
  test("shows all from a number on, in order, and changes nothing", async () => {
    const { receiver, queue, control } = await filled(10);
    await receive(receiver, 2);
    const first = await receiver.peekMessages(4);
    const next = await receiver.peekMessages(4);
    expect([...bodies(first), ...bodies(next)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(first.every(({ lockToken }) => lockToken === undefined)).toBe(true);
    const from = await receiver.peekMessages(100, { fromSequenceNumber: first[2]!.sequenceNumber! });
    expect(bodies(from)).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
    expect(
      control
        .messages(queue)
        .map(({ place }) => place)
        .slice(0, 3),
    ).toEqual(["locked", "locked", "ready"]);
  });

  test("an answer has a size, and the rest comes with the next", async () => {
    const { sender, receiver } = await filled(0);
    for (let sent = 0; sent < 4; sent += 1) await sender.sendMessages({ body: "x".repeat(100_000) });
    expect(await receiver.peekMessages(10)).toHaveLength(2);
    expect(await receiver.peekMessages(10)).toHaveLength(2);
    expect(await receiver.peekMessages(10)).toEqual([]);
  });
});

describe("receivers", () => {
  test("several share a queue", async () => {
    const { queue, sender, control } = await filled(0);
    const seen: [number, number][] = [];
    const workers = [1, 2].map((worker) =>
      lab.client.createReceiver(queue).subscribe(
        {
          processMessage: (message) => Promise.resolve(void seen.push([worker, message.body as number])),
          processError: (args) => Promise.reject(args.error),
        },
        { maxConcurrentCalls: 5 },
      ),
    );
    await sender.sendMessages(Array.from({ length: 100 }, (_, body) => ({ body })));
    await eventually(() => expect(control.totals(queue).completed).toBe(100));
    expect(new Set(seen.map(([, body]) => body)).size).toBe(100);
    expect(new Set(seen.map(([worker]) => worker)).size).toBe(2);
    for (const worker of workers) await worker.close();
  });

  test("two thousand messages can be locked at once", async () => {
    const { queue, sender, control } = await filled(0, { lockDurationMs: 300_000 });
    for (let sent = 0; sent < 2; sent += 1)
      await sender.sendMessages(Array.from({ length: 1000 }, (_, n) => ({ body: sent * 1000 + n })));
    const receiver = lab.client.createReceiver(queue, { maxAutoLockRenewalDurationInMs: 0 });
    const messages = await receive(receiver, 2000);
    expect(bodies(messages)).toEqual(Array.from({ length: 2000 }, (_, n) => n));
    expect(control.messages(queue).filter(({ place }) => place === "locked")).toHaveLength(2000);
  });

  test.each([
    ["nothing", "nowhere", "MessagingEntityNotFound"],
    ["a queue that is switched off", "off", "MessagingEntityDisabled"],
    ["a session queue", "sessions", "GeneralError"],
  ])("cannot receive from %s without", async (_, kind, code) => {
    if (kind !== "nowhere") lab.bus.createQueue(kind, { requiresSession: kind === "sessions" });
    if (kind === "off") lab.bus.control.updateQueue(kind, { status: "ReceiveDisabled" });
    await expect(lab.client.createReceiver(kind).receiveMessages(1)).rejects.toMatchObject({ code });
  });
});
