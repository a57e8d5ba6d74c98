import { ServiceBusClient } from "@azure/service-bus";
import { startServiceBus, type RunningServiceBus } from ".";

let bus: RunningServiceBus;
let client: ServiceBusClient;

beforeAll(async () => {
  bus = await startServiceBus();
  client = new ServiceBusClient(bus.connectionString);
});

afterAll(async () => {
  await client.close();
  await bus.close();
});

describe("a queue", () => {
  test("hands over what was sent, in order, once", async () => {
    bus.createQueue("plain");
    const sender = client.createSender("plain");
    await sender.sendMessages({ body: { n: 1 }, messageId: "a", applicationProperties: { kind: "x" } });
    await sender.sendMessages([{ body: "two" }, { body: Buffer.from("three") }]);
    const receiver = client.createReceiver("plain");
    const messages = await receiver.receiveMessages(3);
    expect(messages.map(({ body }) => body as unknown)).toEqual([{ n: 1 }, "two", Buffer.from("three")]);
    for (const message of messages) await receiver.completeMessage(message);
    expect(messages[0]).toMatchObject({ messageId: "a", applicationProperties: { kind: "x" }, deliveryCount: 0 });
    expect(await receiver.receiveMessages(1, { maxWaitTimeInMs: 200 })).toEqual([]);
    await receiver.close();
  });

  test("drops duplicates", async () => {
    bus.createQueue("dedup", { requiresDuplicateDetection: true });
    const sender = client.createSender("dedup");
    await sender.sendMessages([
      { body: 1, messageId: "a" },
      { body: 2, messageId: "b" },
    ]);
    await sender.sendMessages([
      { body: 3, messageId: "a" },
      { body: 4, messageId: "c" },
    ]);
    const receiver = client.createReceiver("dedup");
    const messages = await receiver.receiveMessages(10, { maxWaitTimeInMs: 300 });
    expect(messages.map(({ body }) => body as number)).toEqual([1, 2, 4]);
  });

  test("keeps sessions apart", async () => {
    bus.createQueue("sessions", { requiresSession: true });
    const sender = client.createSender("sessions");
    for (const n of [1, 2, 3])
      await sender.sendMessages([
        { body: n, sessionId: "a" },
        { body: n, sessionId: "b" },
      ]);
    const b = await client.acceptSession("sessions", "b");
    const next = await client.acceptNextSession("sessions");
    expect(next.sessionId).toBe("a");
    for (const receiver of [b, next]) {
      const messages = await receiver.receiveMessages(3);
      expect(messages.map(({ body }) => body as number)).toEqual([1, 2, 3]);
      for (const message of messages) await receiver.completeMessage(message);
      await receiver.close();
    }
  });
});
