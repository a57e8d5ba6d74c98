import { linesOf, ServiceBusLab, type MadeChange } from "../../../test/harness/servicebus-lab";
import { TcpRelay } from "../../../test/harness/tcp-relay";
import type { SinkEvent } from "./sink-events";

let lab: ServiceBusLab;

beforeEach(async () => {
  lab = await ServiceBusLab.open("Orders", "Persons");
});
afterEach(() => lab.close());

const ORDERS = "Orders_cdc_events";

/** So many changes of a few keys. */
function changes(table: string, count: number, first = 1): MadeChange[] {
  return Array.from({ length: count }, (_, index) => ({ table, key: (first + index) % 7, place: first + index }));
}

const shown = (made: readonly MadeChange[]) => made.map(({ key, place }) => `${key}:${place}`);
const kinds = () => lab.events.map(({ kind }: SinkEvent) => kind);

test("changes reach the queues of their tables, in order, in batches, and are confirmed in the order of the lines", async () => {
  const confirmed: number[] = [];
  const sink = await lab.sink({ onConfirmed: (lines) => confirmed.push(lines) });
  const [orders, persons] = [changes("Orders", 3_000), changes("Persons", 2_000)];
  const writes = [linesOf(orders), linesOf(persons)].map((block) => sink.write([block]));
  await Promise.all(writes);
  expect(lab.arrived("Orders")).toEqual(shown(orders));
  expect(lab.arrived("Persons")).toEqual(shown(persons));
  expect(confirmed.at(-1)).toBe(5_000);
  expect(confirmed).toEqual([...confirmed].sort((a, b) => a - b));
});

test.each([
  ["a busy server", () => lab.control.serverBusy({ queue: ORDERS, times: 3 })],
  ["a lost answer", () => lab.control.cutAfter({ queue: ORDERS, times: 2 })],
  ["a lost message", () => lab.control.cutBefore({ queue: ORDERS, times: 2 })],
  ["an answer that never comes", () => lab.control.dontAnswer({ queue: ORDERS })],
  ["a message that vanishes", () => lab.control.dontAnswer({ queue: ORDERS, done: false })],
  [
    "an error of the server",
    () => lab.control.refuse({ queue: ORDERS, condition: "amqp:internal-error", message: "x" }),
  ],
])("%s delays the queue, and changes neither order nor number", async (_title, strike) => {
  const sink = await lab.sink();
  await sink.write([linesOf(changes("Orders", 10))]);
  strike();
  const more = changes("Orders", 2_000, 11);
  const waiting = sink.write([linesOf(more)]);
  const persons = changes("Persons", 100);
  const others = sink.write([linesOf(persons)]);
  await Promise.all([waiting, others]);
  expect(lab.arrived("Orders")).toEqual(shown([...changes("Orders", 10), ...more]));
  expect(lab.arrived("Persons")).toEqual(shown(persons));
  expect(kinds()).toContain("retry");
  expect(kinds()).toContain("recovered");
});

test("a full queue waits, while the others go on", async () => {
  const sink = await lab.sink();
  lab.control.setFull(ORDERS);
  const waiting = sink.write([linesOf(changes("Orders", 5))]);
  while (!kinds().includes("retry")) await new Promise((resolve) => setTimeout(resolve, 10));
  const others = linesOf(changes("Persons", 5));
  void sink.write([others]);
  while (lab.arrived("Persons").length < 5) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(lab.arrived("Orders")).toEqual([]);
  lab.control.setFull(ORDERS, false);
  await waiting;
  expect(lab.arrived("Orders")).toEqual(shown(changes("Orders", 5)));
});

test("links and connections that the server closes are made again", async () => {
  const sink = await lab.sink();
  const all: MadeChange[] = [];
  for (const [turn, strike] of [
    () => lab.control.detach(ORDERS),
    () => lab.control.closeConnections(),
    () => lab.control.disconnectAll(),
  ].entries()) {
    const some = changes("Orders", 1_000, turn * 1_000 + 1);
    all.push(...some);
    const writing = sink.write([linesOf(some)]);
    strike();
    await writing;
  }
  expect(lab.arrived("Orders")).toEqual(shown(all));
});

test("a server that nobody reaches for a while is waited for", async () => {
  const relay = await TcpRelay.open(lab.bus.port, {});
  const { port } = relay;
  const sink = await lab.sink({}, port);
  const all = changes("Orders", 2_000);
  await sink.write([linesOf(all.slice(0, 10))]);
  await relay.close();
  const writing = sink.write([linesOf(all.slice(10))]);
  const isRefused = (event: SinkEvent): boolean => event.kind === "retry" && event.failure.includes("ECONNREFUSED");
  const refused = async (): Promise<void> => {
    while (!lab.events.some(isRefused)) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  // Should the sink give up, that is told here.
  await Promise.race([refused(), writing]);
  const back = await TcpRelay.open(lab.bus.port, { port });
  await writing;
  expect(lab.arrived("Orders")).toEqual(shown(all));
  await back.close();
});

test("a sender that follows one that was killed sends nothing twice", async () => {
  const sink = await lab.sink();
  const all = changes("Orders", 2_000);
  await sink.write([linesOf(all.slice(0, 1_500))]);
  // The first one dies with its answers unread; the next one begins where the last confirmed state was.
  lab.control.cutAfter({ queue: ORDERS });
  sink.write([linesOf(all.slice(1_500, 1_800))]).catch(() => undefined);
  while (lab.control.totals(ORDERS).accepted < 1_800) await new Promise((resolve) => setTimeout(resolve, 5));
  await sink.close();
  const next = await lab.sink();
  await next.write([linesOf(all.slice(1_000))]);
  expect(lab.arrived("Orders")).toEqual(shown(all));
  expect(lab.control.totals(ORDERS).duplicates).toBeGreaterThanOrEqual(800);
});

test("what isn't an event, or has no queue, becomes a dead letter and blocks nobody", async () => {
  const sink = await lab.sink();
  const lines = Buffer.concat([
    linesOf(changes("Orders", 1)),
    Buffer.from('nonsense\n{"data":{},"metadata":{"OperationType":"Insert"}}\n'),
    linesOf([{ table: "Unknown", key: 1, place: 1 }]),
    linesOf(changes("Orders", 1, 2)),
  ]);
  await sink.write([lines]);
  expect(lab.arrived("Orders")).toEqual(["1:1", "2:2"]);
  const letters = lab.control
    .arrivals("cdc_dead_letters")
    .map(({ applicationProperties: found, body }) => [
      found["DeadLetterReason"],
      found["DeadLetterErrorDescription"],
      String(body).slice(0, 12),
    ]);
  expect(letters).toEqual([
    ["BadEvent", "the line is no JSON object", "nonsense"],
    ["BadEvent", 'metadata "TableName" is missing or not a text', '{"data":{},"'],
    ["NoQueue", "the queue Unknown_cdc_events does not exist", '{"data":{"Id'],
  ]);
});

test("a queue that isn't there is made, when that is wanted", async () => {
  const createQueue = (queue: string) => {
    lab.addQueue(queue.replace("_cdc_events", ""));
    return Promise.resolve();
  };
  const sink = await lab.sink({ createQueue });
  await sink.write([linesOf(changes("New", 3))]);
  expect(lab.arrived("New")).toEqual(shown(changes("New", 3)));
});

test("two tables that would share a queue stop the sink before anything is mixed", async () => {
  const sink = await lab.sink();
  const other = linesOf(changes("Orders", 1, 2))
    .toString()
    .replace('"dbo"', '"sales"');
  await expect(sink.write([linesOf(changes("Orders", 1)), Buffer.from(other)])).rejects.toMatchObject({
    code: "CDC_QUEUE_SHARED",
    message: "tables dbo.Orders and sales.Orders would share the queue Orders_cdc_events",
  });
});

test.each([["the dead letters' queue isn't there", { deadLetterQueue: "nowhere" }, "CDC_SERVICEBUS_NO_QUEUE"]])(
  "a sink doesn't open when %s",
  async (_title, options, code) => {
    await expect(lab.sink(options)).rejects.toMatchObject({ code });
  },
);

test("a sink with a wrong key is refused without showing it", async () => {
  lab.control.changeKey("another key");
  const error: Error = await lab.sink().then(
    () => new Error("it opened"),
    (reason: unknown) => reason as Error,
  );
  expect(error).toMatchObject({ code: "CDC_SERVICEBUS_ACCESS" });
  const key = /SharedAccessKey=([^;]+)/.exec(lab.bus.connectionString)?.[1] ?? "";
  expect(JSON.stringify([error.message, (error as { hint?: string }).hint])).not.toContain(key);
});
