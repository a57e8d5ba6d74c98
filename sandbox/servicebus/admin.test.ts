import { ServiceBusAdministrationClient, ServiceBusClient } from "@azure/service-bus";
import { openBusLab, type BusLab } from "../../test/harness/service-bus";
import { startServiceBus, type RunningServiceBus } from ".";

let bus: RunningServiceBus;
let admin: ServiceBusAdministrationClient;

beforeAll(async () => {
  bus = await startServiceBus();
  admin = administration(bus);
});

afterAll(() => bus.close());

function administration({ connectionString, certificate }: RunningServiceBus): ServiceBusAdministrationClient {
  const options = { tlsOptions: { ca: certificate }, retryOptions: { maxRetries: 0 } };
  return new ServiceBusAdministrationClient(connectionString, options);
}

const FOREVER = "P10675199DT2H48M5.4775807S";

describe("administration", () => {
  test("a queue is made with what Azure makes it with", async () => {
    const queue = await admin.createQueue("made");
    expect(queue).toMatchObject({
      name: "made",
      lockDuration: "PT1M",
      maxSizeInMegabytes: 1024,
      maxDeliveryCount: 10,
      requiresSession: false,
      requiresDuplicateDetection: false,
      duplicateDetectionHistoryTimeWindow: "PT10M",
      defaultMessageTimeToLive: FOREVER,
      autoDeleteOnIdle: FOREVER,
      deadLetteringOnMessageExpiration: false,
      enableBatchedOperations: true,
      enablePartitioning: false,
      status: "Active",
      maxMessageSizeInKilobytes: 256,
    });
    expect(await admin.getQueue("made")).toMatchObject({ name: "made", lockDuration: "PT1M" });
  });

  test("or as it is told, and changed", async () => {
    const wanted = {
      lockDuration: "PT30S",
      maxDeliveryCount: 3,
      requiresSession: true,
      requiresDuplicateDetection: true,
      duplicateDetectionHistoryTimeWindow: "PT1H30M",
      defaultMessageTimeToLive: "P14DT1.5S",
      deadLetteringOnMessageExpiration: true,
      userMetadata: "<owner> & 'co'",
    };
    const made = await admin.createQueue("area/Told", wanted);
    expect(made).toMatchObject({ name: "area/Told", ...wanted });
    await admin.updateQueue({ ...made, maxDeliveryCount: 7, lockDuration: "PT5M" });
    expect(await admin.getQueue("AREA/told")).toMatchObject({ ...wanted, maxDeliveryCount: 7, lockDuration: "PT5M" });
    await expect(admin.updateQueue({ ...made, requiresSession: false })).rejects.toMatchObject({ statusCode: 400 });
    await admin.deleteQueue("area/Told");
    expect(await admin.queueExists("area/Told")).toBe(false);
  });

  test("what isn't there, and what is there already", async () => {
    await admin.createQueue("once");
    await expect(admin.createQueue("ONCE")).rejects.toMatchObject({ code: "MessageEntityAlreadyExistsError" });
    await expect(admin.getQueue("never")).rejects.toMatchObject({ code: "MessageEntityNotFoundError" });
    await expect(admin.deleteQueue("never")).rejects.toMatchObject({ code: "MessageEntityNotFoundError" });
    const other = await admin.getQueue("once");
    await expect(admin.updateQueue({ ...other, name: "never" })).rejects.toMatchObject({ statusCode: 404 });
  });

  test.each([
    ["LockDuration is 600000", { lockDuration: "PT10M" }],
    ["'soon' is no duration", { lockDuration: "soon" }],
    ["MaxDeliveryCount is 0", { maxDeliveryCount: 0 }],
    ["MaxMessageSizeInKilobytes is 1024", { maxMessageSizeInKilobytes: 1024 }],
    ["does not support EnablePartitioning=true", { enablePartitioning: true }],
    ["does not support AutoDeleteOnIdle=PT1H", { autoDeleteOnIdle: "PT1H" }],
    ["does not support ForwardTo=", { forwardTo: "once" }],
  ])("refuses with: %s", async (message, options) => {
    await expect(admin.createQueue("refused", options)).rejects.toThrow(message);
    expect(await admin.queueExists("refused")).toBe(false);
  });

  test("refuses names and topics", async () => {
    await expect(admin.createQueue("with space")).rejects.toThrow("no name for a queue");
    await expect(admin.createTopic("topic")).rejects.toThrow("does not support entities other than queues");
    await expect(admin.getNamespaceProperties()).resolves.toMatchObject({
      messagingSku: "Standard",
      name: "127.0.0.1",
    });
    await expect(async () => {
      for await (const topic of admin.listTopics()) throw new Error(topic.name);
    }).rejects.toThrow("does not support the resource $Resources/Topics");
  });

  test("lists page by page, in order of names", async () => {
    const own = await startServiceBus();
    const names = Array.from({ length: 230 }, (_, n) => `q${String(n).padStart(3, "0")}`);
    for (const name of names) own.createQueue(name);
    const listed: string[] = [];
    for await (const queue of administration(own).listQueues()) listed.push(queue.name);
    expect(listed).toEqual(names);
    const pages: number[] = [];
    for await (const page of administration(own).listQueuesRuntimeProperties().byPage({ maxPageSize: 90 }))
      pages.push(page.length);
    expect(pages).toEqual([90, 90, 50]);
    await own.close();
  });

  test("counts what is where", async () => {
    await admin.createQueue("counted");
    const client = new ServiceBusClient(bus.connectionString);
    const sender = client.createSender("counted");
    await sender.sendMessages([1, 2, 3].map((body) => ({ body })));
    await sender.scheduleMessages({ body: 4 }, new Date(Date.now() + 60_000));
    const receiver = client.createReceiver("counted");
    const [message] = await receiver.receiveMessages(1);
    await receiver.deadLetterMessage(message!);
    const counts = await admin.getQueueRuntimeProperties("counted");
    expect(counts).toMatchObject({
      totalMessageCount: 4,
      activeMessageCount: 2,
      scheduledMessageCount: 1,
      deadLetterMessageCount: 1,
      transferMessageCount: 0,
    });
    expect(counts.sizeInBytes).toBeGreaterThan(0);
    expect(counts.createdAt.getTime()).toBeLessThanOrEqual(counts.accessedAt.getTime());
    await client.close();
  });

  test("clients of a queue that goes are told", async () => {
    await admin.createQueue("going", { requiresSession: true });
    const client = new ServiceBusClient(bus.connectionString, { retryOptions: { maxRetries: 0 } });
    const receiver = await client.acceptSession("going", "a");
    await admin.deleteQueue("going");
    await expect(receiver.receiveMessages(1)).rejects.toThrow();
    await expect(client.createSender("going").sendMessages({ body: 1 })).rejects.toMatchObject({
      code: "MessagingEntityNotFound",
    });
    await client.close();
  });

  test("a busy server says so", async () => {
    bus.control.serverBusy({ on: "administer" });
    await expect(admin.getQueue("made")).rejects.toMatchObject({ code: "ServerBusyError", statusCode: 503 });
    await admin.getQueue("made");
  });

  test("is reached without TLS by a policy that says so", async () => {
    const plain = new ServiceBusAdministrationClient(bus.connectionString);
    plain.pipeline.addPolicy({
      name: "plainHttp",
      sendRequest: (request, next) => {
        request.url = request.url.replace(/^https:/, "http:");
        request.allowInsecureConnection = true;
        return next(request);
      },
    });
    expect(await plain.queueExists("made")).toBe(true);
  });
});

describe("access", () => {
  const withKey = (text: string, key: string) => text.replace(/SharedAccessKey=[^;]+/, `SharedAccessKey=${key}`);
  let lab: BusLab;

  beforeEach(async () => {
    lab = await openBusLab();
  });

  afterEach(() => lab.close());

  test.each([
    ["a wrong key", (text: string) => withKey(text, "wrong")],
    ["an unknown policy", (text: string) => text.replace("RootManageSharedAccessKey", "Other")],
    [
      "a signature that has expired",
      (text: string) =>
        `${text.split(";")[0]!};SharedAccessSignature=SharedAccessSignature sr=x&sig=y&se=1&skn=z;UseDevelopmentEmulator=true`,
    ],
  ])("%s is refused", async (_, change) => {
    const queue = lab.queue();
    const text = change(lab.bus.connectionString);
    const client = new ServiceBusClient(text, { retryOptions: { maxRetries: 0 } });
    await expect(client.createSender(queue).sendMessages({ body: 1 })).rejects.toMatchObject({
      code: "UnauthorizedAccess",
    });
    await client.close();
    if (text.includes("Signature=")) return;
    const other = administration({ ...lab.bus, certificate: lab.bus.certificate, connectionString: text });
    await expect(other.getQueue(queue)).rejects.toMatchObject({ code: "UnauthorizedRequestError" });
  });

  test("a key can change; connections that are open stay", async () => {
    const queue = lab.queue();
    const sender = lab.client.createSender(queue);
    await sender.sendMessages({ body: 1 });
    lab.bus.control.changeKey("another");
    await sender.sendMessages({ body: 2 });
    const refused = lab.client.createSender(lab.queue()).sendMessages({ body: 3 });
    await expect(refused).rejects.toMatchObject({
      errors: Array(4).fill(expect.objectContaining({ message: "The token has an invalid signature." })),
    });
    const client = new ServiceBusClient(withKey(lab.bus.connectionString, "another"));
    await client.createSender(queue).sendMessages({ body: 4 });
    expect(lab.bus.control.counts(queue).active).toBe(3);
    await client.close();
  });
});
