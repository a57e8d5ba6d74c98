import { eventually } from "../../test/harness/eventually";
import { bodies, openBusLab, receive, receiveNow, type BusLab } from "../../test/harness/service-bus";

let lab: BusLab;

beforeEach(async () => {
  lab = await openBusLab();
});

afterEach(() => lab.close());

describe("faults of sending", () => {
  test("a busy server is asked again, until the client gives up", async () => {
    const queue = lab.queue();
    const { control } = lab.bus;
    const sender = lab.client.createSender(queue);
    control.serverBusy({ times: 2 });
    await sender.sendMessages({ body: 1 });
    expect(control.totals(queue).accepted).toBe(1);
    control.serverBusy({ queue, times: 9 });
    await expect(sender.sendMessages({ body: 2 })).rejects.toMatchObject({
      errors: Array(4).fill(expect.objectContaining({ code: "ServiceBusy" })),
    });
    control.clearFaults();
    await sender.sendMessages({ body: 3 });
    expect(control.totals(queue).accepted).toBe(2);
  });

  test("it strikes one queue only", async () => {
    const [one, two] = [lab.queue(), lab.queue()];
    lab.bus.control.refuse({ queue: one, condition: "amqp:internal-error", message: "no", times: 4 });
    await lab.client.createSender(two).sendMessages({ body: 1 });
    await expect(lab.client.createSender(one).sendMessages({ body: 1 })).rejects.toBeInstanceOf(AggregateError);
  });

  test.each([
    ["stored, cut before the answer", true, 2, 0],
    ["stored, cut, and sent again to a queue that detects duplicates", true, 1, 1],
    ["cut before it is stored", false, 1, 0],
  ])("%s", async (_, stored, accepted, duplicates) => {
    const queue = lab.queue({ requiresDuplicateDetection: duplicates > 0 });
    const { control } = lab.bus;
    const sender = lab.client.createSender(queue);
    await sender.createMessageBatch();
    if (stored) control.cutAfter();
    else control.cutBefore();
    await sender.sendMessages({ body: 1, messageId: "a" });
    expect(control.totals(queue)).toMatchObject({ accepted, duplicates });
  });

  test.each([
    [true, 2],
    [false, 1],
  ])("no answer, done: %s", async (done, accepted) => {
    const queue = lab.queue();
    lab.bus.control.dontAnswer({ done });
    await lab.client.createSender(queue).sendMessages({ body: 1 });
    expect(lab.bus.control.totals(queue).accepted).toBe(accepted);
  });

  test("links are detached, connections closed or cut: the client goes on", async () => {
    const queue = lab.queue();
    const { control } = lab.bus;
    const sender = lab.client.createSender(queue);
    const breaks = [() => control.detach(queue), () => control.closeConnections(), () => control.disconnectAll()];
    for (const [n, breakIt] of breaks.entries()) {
      await sender.sendMessages({ body: n });
      breakIt();
      await eventually(() => sender.sendMessages({ body: `again ${String(n)}` }));
    }
    const received = await receive(lab.client.createReceiver(queue), 6);
    expect(bodies(received)).toEqual([0, "again 0", 1, "again 1", 2, "again 2"]);
  });

  test("a full queue takes messages again when it has room", async () => {
    const queue = lab.queue();
    const { control } = lab.bus;
    const sender = lab.client.createSender(queue);
    control.setFull(queue);
    await expect(sender.sendMessages({ body: 1 })).rejects.toMatchObject({ code: "QuotaExceeded" });
    control.setFull(queue, false);
    await sender.sendMessages({ body: 2 });
    expect(control.counts(queue).active).toBe(1);
  });

  test("a slow server answers in order", async () => {
    const queue = lab.queue();
    const { control } = lab.bus;
    const sender = lab.client.createSender(queue);
    control.slowDown(100);
    const order: number[] = [];
    const sends = [1, 2, 3].map((body) => sender.sendMessages({ body }).then(() => order.push(body)));
    await eventually(() => expect(control.totals(queue).accepted).toBe(3));
    await Promise.all(sends);
    expect(order).toEqual([1, 2, 3]);
    const receiver = lab.client.createReceiver(queue);
    const messages = await receive(receiver, 3);
    expect(bodies(messages)).toEqual([1, 2, 3]);
    for (const message of messages) await receiver.completeMessage(message);
    expect(control.totals(queue).completed).toBe(3);
  });
});

describe("faults of receiving", () => {
  test("completed, but the answer is lost: the message is gone", async () => {
    const queue = lab.queue();
    const { control } = lab.bus;
    await lab.client.createSender(queue).sendMessages({ body: 1 });
    const receiver = lab.client.createReceiver(queue);
    const [message] = await receive(receiver, 1);
    control.cutAfter({ on: "settle" });
    await expect(receiver.completeMessage(message!)).rejects.toThrow();
    expect(control.totals(queue).completed).toBe(1);
    expect(await receiveNow(receiver)).toEqual([]);
  });

  test("cut before completing: the client completes another way", async () => {
    const queue = lab.queue();
    const { control } = lab.bus;
    await lab.client.createSender(queue).sendMessages({ body: 1 });
    const receiver = lab.client.createReceiver(queue);
    const [message] = await receive(receiver, 1);
    control.cutBefore({ on: "settle" });
    await receiver.completeMessage(message!);
    expect(control.totals(queue).completed).toBe(1);
  });

  test("nothing is settled: the message comes again once its lock is over", async () => {
    const queue = lab.queue();
    const { control } = lab.bus;
    await lab.client.createSender(queue).sendMessages({ body: 1 });
    const receiver = lab.client.createReceiver(queue);
    const [message] = await receive(receiver, 1);
    control.serverBusy({ on: "settle" });
    await expect(receiver.completeMessage(message!)).rejects.toBeInstanceOf(AggregateError);
    control.endLocks(queue);
    expect((await receive(receiver, 1))[0]!.deliveryCount).toBe(1);
  });

  test("a receiver that is detached goes on", async () => {
    const queue = lab.queue();
    const { control } = lab.bus;
    const seen: unknown[] = [];
    const working = lab.client.createReceiver(queue).subscribe({
      processMessage: (message) => Promise.resolve(void seen.push(message.body)),
      processError: () => Promise.resolve(),
    });
    const sender = lab.client.createSender(queue);
    await sender.sendMessages({ body: 1 });
    await eventually(() => expect(seen).toEqual([1]));
    control.detach(queue);
    await eventually(() => sender.sendMessages({ body: 2 }));
    await eventually(() => expect(seen).toEqual([1, 2]));
    await working.close();
  });

  test("requests and attaches can be refused", async () => {
    const queue = lab.queue({ requiresSession: true });
    const { control } = lab.bus;
    control.serverBusy({ on: "attach", times: 2 });
    control.serverBusy({ on: "manage", queue, times: 1 });
    await lab.client.createSender(queue).sendMessages({ body: 1, sessionId: "a" });
    const receiver = await lab.client.acceptSession(queue, "a");
    expect(bodies(await receiver.peekMessages(1))).toEqual([1]);
  });
});

describe("what arrived", () => {
  test("is told in order, also when it is gone", async () => {
    const queue = lab.queue({ requiresSession: true });
    const { control } = lab.bus;
    control.record(queue);
    const sender = lab.client.createSender(queue);
    const message = (body: number, sessionId: string) => ({ body, sessionId, applicationProperties: { n: body } });
    await sender.sendMessages([message(1, "a"), message(2, "b"), message(3, "a")]);
    const receiver = await lab.client.acceptSession(queue, "a", { receiveMode: "receiveAndDelete" });
    await receive(receiver, 2);
    expect(control.arrivals(queue).map(({ sequence, sessionId }) => [sequence, sessionId])).toEqual([
      [1, "a"],
      [2, "b"],
      [3, "a"],
    ]);
    expect(control.arrivals(queue, "a").map(({ body }) => body?.toString())).toEqual(["1", "3"]);
    expect(control.arrivals(queue, "b")[0]!.applicationProperties).toEqual({ n: 2 });
  });
});
