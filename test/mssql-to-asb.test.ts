import { eventually } from "./harness/eventually";
import { FLOW_TABLES, QueueFlow, queueOf, type ReceivedChange } from "./harness/queue-flow";

jest.setTimeout(120_000);

const KEYS = 5;
const QUEUES = [...FLOW_TABLES.map(queueOf), "cdc_dead_letters"].sort();

let flow: QueueFlow;
let written = 0;

beforeAll(async () => (flow = await QueueFlow.open()));
afterAll(() => flow.close());

/** So many updates of every row of every table, a transaction each: N counts them. */
async function write(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    written += 1;
    const n = String(written);
    const row = (table: string) =>
      written === 1
        ? `INSERT dbo.${table} SELECT Id, 1 FROM (VALUES ${keys()
            .map((id) => `(${id})`)
            .join(", ")}) AS k (Id)`
        : `UPDATE dbo.${table} SET N = ${n}`;
    await flow.sql(`BEGIN TRAN; ${FLOW_TABLES.map(row).join("; ")}; COMMIT`);
  }
}

const keys = () => Array.from({ length: KEYS }, (_, index) => String(index + 1));

/** What arrived in every queue so far, received or not. */
const arrived = () => FLOW_TABLES.map((table) => flow.bus.control.totals(queueOf(table)).accepted);
const allArrived = () => eventually(() => expect(arrived()).toEqual(FLOW_TABLES.map(() => written * KEYS)));

/** N of each key, as they came. */
function histories(changes: readonly ReceivedChange[]): Record<string, number[]> {
  const all: Record<string, number[]> = {};
  for (const { envelope } of changes) (all[String(envelope.data["Id"])] ??= []).push(Number(envelope.data["N"]));
  return all;
}

const expected = (from: number) =>
  Object.fromEntries(keys().map((id) => [id, Array.from({ length: written - from }, (_, index) => from + index + 1)]));

test("init makes the three queues and the one of dead letters, and turns capture on; then plan has nothing to do", async () => {
  expect(await flow.cdc("plan")).toMatchObject({ code: 1 });
  expect(await flow.queues()).toEqual([]);
  expect(await flow.cdc("init")).toMatchObject({ code: 0 });
  expect(await flow.queues()).toEqual(QUEUES);
  expect(await flow.cdc("plan")).toMatchObject({ code: 0 });
});

test("run streams each table's changes to its queue in the order of each key; SIGTERM ends it with 0", async () => {
  const run = flow.start("run");
  await write(20);
  await allArrived();
  run.child.kill("SIGTERM");
  expect(await run.ended).toMatchObject({ code: 0, signal: null });
  for (const table of FLOW_TABLES) {
    const changes = await flow.receive(table);
    expect(histories(changes)).toEqual(expected(0));
    expect(new Set(changes.map(({ session }) => session)).size).toBe(KEYS);
    expect(changes[0]).toMatchObject({
      envelope: { metadata: { TableName: table, Schema: "dbo", OperationType: "Insert" } },
      message: { applicationProperties: { table, operation: "Insert" } },
    });
  }
});

test("the next run goes on where the last one ended: nothing twice, nothing lost", async () => {
  const before = written;
  await write(5);
  const run = flow.start("run");
  await allArrived();
  await write(5);
  await allArrived();
  run.child.kill("SIGTERM");
  expect(await run.ended).toMatchObject({ code: 0 });
  for (const table of FLOW_TABLES) {
    // Not even the queue was asked to drop anything.
    expect(flow.bus.control.totals(queueOf(table)).duplicates).toBe(0);
    if (table !== "Orders") expect(histories(await flow.receive(table))).toEqual(expected(before));
  }
});

test("destroy refuses while messages are there, then takes the queues away", async () => {
  const refused = await flow.cdc("destroy", "--yes");
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("Orders_cdc_events holds 50 messages") });
  expect(await flow.queues()).toEqual(QUEUES);
  expect(await flow.receive("Orders")).toHaveLength(50);
  expect(await flow.cdc("destroy", "--yes")).toMatchObject({ code: 0 });
  expect(await flow.queues()).toEqual([]);
});
