import { ServiceBusClient, type ServiceBusMessage, type ServiceBusSender } from "@azure/service-bus";
import { startServiceBusProcess, type ServiceBusProcess } from "../sandbox/servicebus/child";
import { ServiceBusSink } from "../stream/sinks/servicebus/service-bus-sink";
import type { Bench, Variant } from "./bench";

const LINES = 100_000;
const KEYS = 5_000;
const LINES_AT_ONCE = 10_000;
const WRITES_AT_ONCE = 4;
const TABLES = ["Orders", "Persons", "Customers"];

let bus: ServiceBusProcess;
let blocks: Buffer[];
let runs = 0;
let cpu: NodeJS.CpuUsage;

/** The same envelopes, by our output and by the client of Azure as its documentation has it. */
export const bench: Bench = {
  name: `${LINES.toLocaleString("en")} envelopes into ${TABLES.length} queues of Service Bus`,
  runs: 3,
  async setUp() {
    bus = await startServiceBusProcess();
    await bus.control("createQueue", "cdc_dead_letters", {});
    blocks = Array.from({ length: LINES / LINES_AT_ONCE }, (_, block) => {
      const lines = Array.from({ length: LINES_AT_ONCE }, (_line, at) => line(block * LINES_AT_ONCE + at));
      return Buffer.from(lines.join(""));
    });
  },
  tearDown: () => bus.stop(),
  variants: [
    variant("@azure/service-bus: createMessageBatch, sendMessages", plain),
    { ...variant("output servicebus", sink), limit: { atMostRatio: 1 } },
  ],
};

function variant(name: string, send: (prefix: string) => Promise<void>): Variant {
  return {
    name,
    work: { count: LINES, unit: "messages" },
    async prepare() {
      runs += 1;
      for (const table of TABLES) {
        const settings = { requiresSession: true, requiresDuplicateDetection: true };
        await bus.control("createQueue", `${runs}-${table}`, settings);
      }
    },
    async run() {
      const start = process.cpuUsage();
      await send(`${runs}-`);
      cpu = process.cpuUsage(start);
    },
    async figures() {
      const totals = await Promise.all(TABLES.map((table) => bus.control("totals", `${runs}-${table}`)));
      const accepted = totals.reduce((sum, one) => sum + one.accepted, 0);
      if (accepted !== LINES) throw new Error(`${accepted} messages arrived`);
      return { "µs of CPU a message": Math.round(((cpu.user + cpu.system) * 10) / LINES) / 10 };
    },
  };
}

/** A change as the input `sqlserver` writes it. */
function line(n: number): string {
  const lsn = (0x4c0000 + n).toString(16).padStart(20, "0");
  const data = { Id: String(n % KEYS), Name: `name of ${n}`, Amount: `${n % 997}.2500`, Note: "n".repeat(60) };
  const metadata = {
    TableName: TABLES[n % TABLES.length],
    OperationType: "Update",
    LSN: lsn,
    Position: `${lsn}00000001${lsn}04`,
    CommitTime: "2026-01-02T03:04:05.678Z",
    Schema: "dbo",
    Database: "Shop",
    Before: data,
    Key: ["Id"],
  };
  return `${JSON.stringify({ data, metadata })}\n`;
}

async function sink(prefix: string): Promise<void> {
  const opened = await ServiceBusSink.open(bus, { naming: { template: `${prefix}{TableName}` } });
  const writes: Promise<void>[] = [];
  for (const block of blocks) {
    writes.push(opened.write([block]));
    if (writes.length >= WRITES_AT_ONCE) await writes.shift();
  }
  await Promise.all(writes);
  await opened.close();
}

/** Each queue gets its messages one batch after the other, all queues at once. */
async function plain(prefix: string): Promise<void> {
  const client = new ServiceBusClient(bus.connectionString);
  for (const block of blocks) {
    const messages = block.toString().trimEnd().split("\n").map(messageOf);
    await Promise.all(
      TABLES.map((table) =>
        sendAll(
          client.createSender(`${prefix}${table}`),
          messages.filter(({ subject }) => subject === `dbo.${table}`),
        ),
      ),
    );
  }
  await client.close();
}

async function sendAll(sender: ServiceBusSender, messages: readonly ServiceBusMessage[]): Promise<void> {
  let batch = await sender.createMessageBatch();
  for (const message of messages) {
    if (batch.tryAddMessage(message)) continue;
    await sender.sendMessages(batch);
    batch = await sender.createMessageBatch();
    batch.tryAddMessage(message);
  }
  await sender.sendMessages(batch);
  await sender.close();
}

/** What the output sends of a line, too. */
function messageOf(text: string): ServiceBusMessage {
  const { data, metadata } = JSON.parse(text) as { data: Record<string, string>; metadata: Record<string, string> };
  const { TableName: table, OperationType: operation, Schema: schema, Database: database } = metadata;
  const { LSN: lsn = "", Position: position = "", CommitTime: commitTime = "" } = metadata;
  return {
    messageId: `${database}/${schema}.${table}/${position}/${data["Id"]}`,
    sessionId: data["Id"] ?? "",
    subject: `${schema}.${table}`,
    contentType: "application/json",
    body: Buffer.from(text),
    applicationProperties: {
      ...{ operation: operation ?? "", table: table ?? "", schema: schema ?? "", database: database ?? "" },
      ...{ version: 1, lsn, position, commitTime },
    },
  };
}
