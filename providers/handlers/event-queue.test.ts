import { startServiceBus, type RunningServiceBus } from "../../sandbox/servicebus";
import { eventQueue } from "./event-queue";

let bus: RunningServiceBus;

beforeEach(async () => {
  bus = await startServiceBus();
  const settings = JSON.stringify({ connectionString: bus.connectionString });
  await eventQueue.configure({ config: { get: (key) => (key === "cdc:serviceBus" ? settings : undefined) } });
});
afterEach(() => bus.close());

const inputs = { schemaVersion: 1, connection: "servicebus:dev:shop", name: "Orders_cdc_events" };

test("a queue is made, read, changed, and removed when it is empty", async () => {
  const { id, outs } = await eventQueue.create(inputs);
  expect(outs).toMatchObject({ name: "Orders_cdc_events", madeByUs: true });
  const read = await eventQueue.read(id, outs);
  expect(read.props).toMatchObject({ requiresSession: true, duplicateDetection: true, messages: 0, deadLetters: 0 });
  expect(await eventQueue.diff(id, read.props ?? {}, inputs)).toEqual({ changes: false });
  const news = { ...inputs, lockDuration: "PT2M" };
  expect(await eventQueue.diff(id, outs, news)).toEqual({ changes: true });
  const updated = await eventQueue.update(id, outs, news);
  expect((await eventQueue.read(id, updated.outs)).props).toMatchObject({ lockDuration: "PT2M" });
  await eventQueue.delete(id, updated.outs);
  expect(await eventQueue.read(id, updated.outs)).toEqual({});
  await eventQueue.delete(id, updated.outs);
});

test("what is there is taken over when it is fit, stays at the end, and is refused when it isn't", async () => {
  bus.createQueue("Orders_cdc_events", { requiresSession: true, requiresDuplicateDetection: true });
  const { id, outs } = await eventQueue.create(inputs);
  expect(outs).toMatchObject({ madeByUs: false });
  await eventQueue.delete(id, outs);
  expect((await eventQueue.read(id, outs)).id).toBe(id);
  bus.createQueue("Plain");
  await expect(eventQueue.create({ ...inputs, name: "Plain" })).rejects.toMatchObject({ code: "CDC_QUEUE_REFUSED" });
});

test("a queue that a crash left behind is ours", async () => {
  await eventQueue.create(inputs);
  expect((await eventQueue.create(inputs)).outs).toMatchObject({ madeByUs: true });
});

test("a queue that holds messages is kept, unless their loss is allowed", async () => {
  const { id, outs } = await eventQueue.create({ ...inputs, requiresSession: false });
  const { ServiceBusClient } = await import("@azure/service-bus");
  const client = new ServiceBusClient(bus.connectionString);
  await client.createSender("Orders_cdc_events").sendMessages({ body: "x" });
  await client.close();
  await expect(eventQueue.delete(id, outs)).rejects.toMatchObject({ code: "CDC_QUEUE_HOLDS_MESSAGES" });
  await eventQueue.delete(id, { ...outs, allowLoss: true });
  expect(await eventQueue.read(id, outs)).toEqual({});
});

test("what Service Bus would refuse is told at preview, by property", async () => {
  const news = { ...inputs, name: "a b", lockDuration: "PT10M" };
  const { failures } = await eventQueue.check({}, news);
  expect(failures.map(({ property }) => property)).toEqual(["name", "lockDuration"]);
  const changed = await eventQueue.check(inputs, { ...inputs, requiresSession: false });
  expect(changed.failures).toEqual([expect.objectContaining({ property: "requiresSession" })]);
});
