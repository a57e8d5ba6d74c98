import { bodies, openBusLab, PATIENT, receive, receiveNow, type BusLab } from "../../test/harness/service-bus";

let lab: BusLab;

beforeEach(async () => {
  lab = await openBusLab();
});

afterEach(() => lab.close());

describe("sending", () => {
  test("messages come as they were sent, in order, once", async () => {
    const queue = lab.queue();
    const sender = lab.client.createSender(queue);
    const sent = {
      body: { n: 1, text: "ü" },
      messageId: "a",
      correlationId: "c",
      contentType: "application/json",
      subject: "s",
      replyTo: "r",
      to: "t",
      partitionKey: "p",
      timeToLive: 60_000,
      applicationProperties: { text: "x", number: 1.5, big: 2 ** 40, yes: true, nothing: null },
    };
    await sender.sendMessages(sent);
    await sender.sendMessages([{ body: "two" }, { body: Buffer.from("three") }, { body: [4] }]);
    const receiver = lab.client.createReceiver(queue);
    const messages = await receive(receiver, 4);
    expect(bodies(messages)).toEqual([sent.body, "two", Buffer.from("three"), [4]]);
    expect(messages[0]).toMatchObject({ ...sent, deliveryCount: 0, state: "active" });
    expect(messages.map(({ sequenceNumber }) => sequenceNumber?.toNumber())).toEqual([1, 2, 3, 4]);
    for (const message of messages) await receiver.completeMessage(message);
    expect(await receiveNow(receiver)).toEqual([]);
    expect(lab.bus.control.totals(queue)).toEqual({ accepted: 4, duplicates: 0, completed: 4 });
  });

  test("AMQP messages keep body types and annotations", async () => {
    const queue = lab.queue();
    const sender = lab.client.createSender(queue);
    await sender.sendMessages({ bodyType: "value", body: 7, messageAnnotations: { mine: "x" } });
    await sender.sendMessages({ bodyType: "sequence", body: [[1, "b"], [2]] as unknown[][] });
    const [value, sequence] = await receive(lab.client.createReceiver(queue), 2);
    expect(value!._rawAmqpMessage).toMatchObject({ bodyType: "value", body: 7, messageAnnotations: { mine: "x" } });
    expect(sequence!.body).toEqual([[1, "b"], [2]]);
  });

  test("a message without an id gets one", async () => {
    const queue = lab.queue();
    await lab.client.createSender(queue).sendMessages({ body: 1 });
    expect(lab.bus.control.messages(queue)[0]!.messageId).toMatch(/^[0-9a-f]{32}$/);
  });

  test("a batch takes what the link says, and no more", async () => {
    const sender = lab.client.createSender(lab.queue());
    const batch = await sender.createMessageBatch();
    expect(batch.maxSizeInBytes).toBe(262_144);
    const added = [1, 2, 3].map(() => batch.tryAddMessage({ body: "x".repeat(100_000) }));
    expect(added).toEqual([true, true, false]);
    await sender.sendMessages(batch);
    const messages = Array.from({ length: 4 }, () => ({ body: "x".repeat(100_000) }));
    await expect(sender.sendMessages(messages)).rejects.toMatchObject({ code: "MessageSizeExceeded" });
  });

  test("a message that is too large is refused by the server", async () => {
    const queue = lab.queue();
    const sender = lab.client.createSender(queue);
    await expect(sender.sendMessages({ body: "x".repeat(300_000) })).rejects.toMatchObject({
      code: "MessageSizeExceeded",
    });
    await sender.sendMessages({ body: "small" });
    expect(lab.bus.control.counts(queue).active).toBe(1);
  });

  test.each([
    ["a queue that isn't there", "nowhere", "MessagingEntityNotFound"],
    ["a queue that is switched off", "off", "MessagingEntityDisabled"],
    ["a queue that is full", "full", "QuotaExceeded"],
    ["a session queue, without a session id", "sessions", "GeneralError"],
  ])("to %s is refused", async (_, kind, code) => {
    const { bus, client } = lab;
    if (kind !== "nowhere") bus.createQueue(kind, { requiresSession: kind === "sessions" });
    if (kind === "off") bus.control.updateQueue(kind, { status: "SendDisabled" });
    if (kind === "full") bus.control.setFull(kind);
    await expect(client.createSender(kind).sendMessages({ body: 1 })).rejects.toMatchObject({ code });
  });

  test("a premium queue takes messages of many megabytes, alone", async () => {
    const premium = await openBusLab({ tier: "Premium" }, PATIENT);
    const queue = premium.queue({ maxMessageSizeInKilobytes: 102_400 });
    const sender = premium.client.createSender(queue);
    await sender.sendMessages({ body: Buffer.alloc(30_000_000, 7) });
    const receiver = premium.client.createReceiver(queue, { receiveMode: "receiveAndDelete" });
    const [large] = await receive(receiver, 1);
    expect((large!.body as Buffer).equals(Buffer.alloc(30_000_000, 7))).toBe(true);
    const two = [1, 2].map(() => ({ body: "x".repeat(600_000) }));
    await expect(sender.sendMessages(two)).rejects.toMatchObject({ code: "MessageSizeExceeded" });
    await premium.close();
  });

  test("a queue is full when its size is reached", async () => {
    const queue = lab.queue({ maxSizeInMegabytes: 1 });
    const sender = lab.client.createSender(queue);
    const send = () => sender.sendMessages({ body: "x".repeat(260_000) });
    for (let sent = 0; sent < 5; sent += 1) await send();
    await expect(send()).rejects.toMatchObject({ code: "QuotaExceeded" });
  });

  test("many senders at once lose nothing", async () => {
    const queue = lab.queue();
    const senders = [1, 2, 3].map(() => lab.client.createSender(queue));
    const sends = Array.from({ length: 300 }, (_, n) => senders[n % 3]!.sendMessages({ body: n }));
    await Promise.all(sends);
    const messages = await receive(lab.client.createReceiver(queue, { receiveMode: "receiveAndDelete" }), 300);
    expect(new Set(bodies(messages)).size).toBe(300);
  });
});

describe("duplicate detection", () => {
  test("drops what came within the window, in batches and alone", async () => {
    const queue = lab.queue({ requiresDuplicateDetection: true, duplicateDetectionWindowMs: 30_000 });
    const sender = lab.client.createSender(queue);
    const send = (...ids: string[]) => sender.sendMessages(ids.map((messageId) => ({ body: messageId, messageId })));
    await send("a", "b", "a");
    await send("b", "c");
    await sender.sendMessages({ body: "a", messageId: "a" });
    lab.bus.control.skip(29_000);
    await send("a");
    lab.bus.control.skip(1001);
    await send("a");
    expect(lab.bus.control.messages(queue).map(({ messageId }) => messageId)).toEqual(["a", "b", "c", "a"]);
    expect(lab.bus.control.totals(queue).duplicates).toBe(4);
  });

  test("still knows what was received", async () => {
    const queue = lab.queue({ requiresDuplicateDetection: true });
    const sender = lab.client.createSender(queue);
    await sender.sendMessages({ body: 1, messageId: "a" });
    const receiver = lab.client.createReceiver(queue);
    await receiver.completeMessage((await receive(receiver, 1))[0]!);
    await sender.sendMessages({ body: 2, messageId: "a" });
    expect(lab.bus.control.counts(queue).active).toBe(0);
  });

  test("without it, equal ids are different messages", async () => {
    const queue = lab.queue();
    await lab.client.createSender(queue).sendMessages([
      { body: 1, messageId: "a" },
      { body: 2, messageId: "a" },
    ]);
    expect(lab.bus.control.counts(queue).active).toBe(2);
  });
});

describe("scheduling", () => {
  test("a message comes when its time has come, with a new sequence number", async () => {
    const queue = lab.queue();
    const sender = lab.client.createSender(queue);
    const at = new Date(Date.now() + 3_600_000);
    const [number] = await sender.scheduleMessages({ body: "later", messageId: "m" }, at);
    await sender.sendMessages({ body: "now" });
    const receiver = lab.client.createReceiver(queue, { receiveMode: "receiveAndDelete" });
    const [peeked] = await receiver.peekMessages(1);
    expect(peeked).toMatchObject({ state: "scheduled", body: "later", scheduledEnqueueTimeUtc: at });
    expect(peeked!.sequenceNumber).toEqual(number);
    expect(bodies(await receive(receiver, 1))).toEqual(["now"]);
    expect(lab.bus.control.counts(queue)).toEqual({ active: 0, scheduled: 1, deadLetters: 0 });
    lab.bus.control.skip(3_600_000);
    const [late] = await receive(receiver, 1);
    expect(late).toMatchObject({ body: "later", messageId: "m", state: "active" });
    expect(late!.sequenceNumber!.toNumber()).toBe(3);
  });

  test("it can be cancelled, once", async () => {
    const queue = lab.queue();
    const sender = lab.client.createSender(queue);
    const at = new Date(Date.now() + 7_200_000);
    const numbers = await sender.scheduleMessages([{ body: 1 }, { body: 2 }], at);
    await sender.cancelScheduledMessages(numbers[0]!);
    expect(lab.bus.control.messages(queue).map(({ sequence }) => sequence)).toEqual([2]);
    await expect(sender.cancelScheduledMessages(numbers)).rejects.toMatchObject({ code: "MessageNotFound" });
    expect(lab.bus.control.counts(queue).scheduled).toBe(1);
  });

  test("a message with a time of its own waits, too", async () => {
    const queue = lab.queue();
    const scheduledEnqueueTimeUtc = new Date(Date.now() + 7_200_000);
    await lab.client.createSender(queue).sendMessages([{ body: 1, scheduledEnqueueTimeUtc }, { body: 2 }]);
    expect(lab.bus.control.messages(queue).map(({ place }) => place)).toEqual(["scheduled", "ready"]);
  });
});
