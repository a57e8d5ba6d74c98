import { ServiceBusClient, type ServiceBusReceivedMessage, type ServiceBusReceiver } from "@azure/service-bus";
import { startServiceBus, type RunningServiceBus } from "../sandbox/servicebus";
import { ChainSource, COPIED, STREAMED, type CapturedChange } from "./harness/chain-source";
import { killEverywhere } from "./harness/kill-chain";
import type { Arrivals, Held } from "./harness/kill-points";
import { startChain } from "./harness/killed-chain";
import type { KilledTask } from "./harness/killed-task";
import { receive } from "./harness/service-bus";
import { temporaryFolder } from "./harness/task-lab";

const SEED = 6;
const CHANGES_PER_SECOND = 200;
const LSN_DIGITS = 20;
const CONSUMERS = 8;
const AT_ONCE = 1_000;
const DEAD_LETTERS = "cdc_dead_letters";

let folder: ReturnType<typeof temporaryFolder>;
let source: ChainSource;
let bus: RunningServiceBus;
let task: KilledTask | undefined;

beforeEach(async () => {
  folder = temporaryFolder();
  source = await ChainSource.start(SEED);
  bus = await startServiceBus();
  for (const table of STREAMED)
    bus.createQueue(queueOf(table), { requiresSession: true, requiresDuplicateDetection: true });
  for (const queue of [queueOf(COPIED), DEAD_LETTERS]) bus.createQueue(queue, { requiresDuplicateDetection: true });
});

afterEach(async () => {
  await task?.end();
  await bus.close();
  await source.stop();
  folder.remove();
});

function queueOf(table: string): string {
  return `${table}_cdc_events`;
}

function sentTo(...tables: readonly string[]): number {
  const totals = tables.map((table) => bus.control.totals(queueOf(table)));
  return totals.reduce((sum, { accepted, duplicates }) => sum + accepted + duplicates, 0);
}

/** Something was sent to the queue of a table. */
function heldBySend(table: string): Held {
  const before = sentTo(table);
  return { isThere: () => sentTo(table) > before, undo: () => bus.control.clearFaults() };
}

const arrivals: Arrivals = {
  streamed: () => sentTo(...STREAMED),
  copied: () => sentTo(COPIED),
  // Of two tables one has its part, and the other one gets no answer.
  inMidBatch: () => {
    bus.control.dontAnswer({ queue: queueOf(STREAMED[0]), done: false });
    return heldBySend(STREAMED[1]);
  },
  beforeAck: () => {
    bus.control.dontAnswer({ queue: queueOf(STREAMED[0]) });
    return heldBySend(STREAMED[0]);
  },
};

/** Stops the changes, and the task once everything has arrived. */
async function finish(): Promise<Map<string, CapturedChange[]>> {
  await source.change(0);
  const changes = new Map<string, CapturedChange[]>();
  for (const table of [...STREAMED, COPIED]) changes.set(table, await source.changes(table));
  const last = [...changes.values()].map((of) => of.at(-1)?.position.slice(0, LSN_DIGITS) ?? "").sort();
  await task?.until(() => task?.hasReached(last.at(-1) ?? "") ?? true);
  task?.stop();
  expect(await task?.ended()).toBe(0);
  return changes;
}

interface Received {
  readonly key: string;
  readonly position: string;
  readonly operation: string;
  readonly row: string;
}

function received({ body }: ServiceBusReceivedMessage): Received {
  const { data, metadata } = (typeof body === "string" ? JSON.parse(body) : body) as {
    data: Record<string, string>;
    metadata: Record<string, string>;
  };
  return {
    key: String(data["Id"]),
    position: String(metadata["Position"]),
    operation: String(metadata["OperationType"]),
    row: [data["Id"], data["Name"], data["Amount"]].join("|"),
  };
}

/** What consumers get of each key, several sessions at a time. */
async function bySession(client: ServiceBusClient, table: string): Promise<Map<string, string[]>> {
  const counts = new Map<string, number>();
  for (const { sessionId = "" } of bus.control.messages(queueOf(table)))
    counts.set(sessionId, (counts.get(sessionId) ?? 0) + 1);
  const keys = new Map<string, string[]>();
  const sessions = counts.entries();
  const consume = async (): Promise<void> => {
    for (const [id, count] of sessions) {
      const session = await client.acceptSession(queueOf(table), id, { receiveMode: "receiveAndDelete" });
      for (const { key, position } of (await receive(session, count)).map(received))
        keys.set(key, [...(keys.get(key) ?? []), position]);
      await session.close();
    }
  };
  await Promise.all(Array.from({ length: CONSUMERS }, consume));
  return keys;
}

/** So many messages, each completed. */
async function completed(receiver: ServiceBusReceiver, count: number): Promise<ServiceBusReceivedMessage[]> {
  const all: ServiceBusReceivedMessage[] = [];
  while (all.length < count) {
    const some = await receive(receiver, Math.min(AT_ONCE, count - all.length));
    await Promise.all(some.map((message) => receiver.completeMessage(message)));
    all.push(...some);
  }
  return all;
}

function byKey(changes: readonly CapturedChange[]): Map<string, string[]> {
  const keys = new Map<string, string[]>();
  for (const { key, position } of changes) keys.set(key, [...(keys.get(key) ?? []), position]);
  return keys;
}

/** The rows that a consumer ends up with who takes what has a higher position than what it knows. */
function applied(messages: readonly Received[]): string[] {
  const rows = new Map<string, Received>();
  for (const message of messages)
    if (message.position > (rows.get(message.key)?.position ?? "")) rows.set(message.key, message);
  return [...rows.values()].flatMap(({ operation, row }) => (operation === "Delete" ? [] : [row])).sort();
}

describe("kill -9 at 20 points loses no change and doubles none at the consumer", () => {
  test.each(["input", "relay", "output"] as const)(
    "of the %s",
    async (victim) => {
      const { connectionString: connection_string } = bus;
      const output = { connection_string, send_timeout_s: 1, retry: { first_ms: 1, longest_ms: 20 } };
      task = startChain(victim, folder.path, { input: source.input, output: { servicebus: output } });
      await source.change(CHANGES_PER_SECOND);
      expect(await killEverywhere(task, victim, arrivals, { seed: SEED, most: 300 })).toHaveLength(20);
      const changes = await finish();
      const client = new ServiceBusClient(bus.connectionString);
      for (const table of STREAMED) expect(await bySession(client, table)).toEqual(byKey(changes.get(table) ?? []));
      const all = await completed(client.createReceiver(queueOf(COPIED)), bus.control.counts(queueOf(COPIED)).active);
      const copies = all.map(received);
      expect(applied(copies)).toEqual(await source.rows(COPIED));
      expect(new Set(all.map(({ messageId }) => messageId)).size).toBe(all.length);
      // A chunk that is copied again brings its rows under the same ids.
      const reads = copies.flatMap(({ operation, key }) => (operation === "Read" ? [key] : []));
      expect(reads).toHaveLength(new Set(reads).size);
      const order = copies.filter(({ operation }) => operation !== "Read").map(({ position }) => position);
      expect(order).toEqual([...new Set(order)].sort());
      expect(bus.control.counts(DEAD_LETTERS).active).toBe(0);
      await client.close();
    },
    300_000,
  );
});
