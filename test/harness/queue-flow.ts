import { ServiceBusClient, type ServiceBusReceivedMessage } from "@azure/service-bus";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openAdministration } from "../../databases/servicebus/open-administration";
import { startServiceBus, type RunningServiceBus } from "../../sandbox/servicebus";
import type { Envelope } from "../../model/envelope";
import { startCdc, type EndedProcess, type RunningCdc } from "./cdc-process";
import { QUICK } from "./service-bus";
import { SourceLab } from "./source-lab";

const EXAMPLE = join(__dirname, "..", "..", "examples", "tasks", "tasks.yaml");

/** Tables of the example, and the queue of each. */
export const FLOW_TABLES = ["Persons", "Orders", "Customers"];

/** What a consumer got: the session, and the change that the body tells. */
export interface ReceivedChange {
  readonly session: string;
  readonly message: ServiceBusReceivedMessage;
  readonly envelope: Envelope;
}

/** The task mssql-to-asb of the example, a SQL Server with its tables, and a Service Bus. */
export class QueueFlow {
  readonly folder = mkdtempSync(join(tmpdir(), "cdc-flow-"));
  private readonly client: ServiceBusClient;

  private constructor(
    private readonly lab: SourceLab,
    readonly bus: RunningServiceBus,
    private readonly database: string,
  ) {
    this.client = new ServiceBusClient(bus.connectionString, QUICK);
    cpSync(EXAMPLE, join(this.folder, "tasks.yaml"));
  }

  static async open(): Promise<QueueFlow> {
    const lab = await SourceLab.open();
    const tables = FLOW_TABLES.map(
      (table) => `CREATE TABLE dbo.${table} (Id int NOT NULL PRIMARY KEY, N int NOT NULL)`,
    );
    return new QueueFlow(lab, await startServiceBus(), await lab.database(...tables));
  }

  /** Runs batches in the database. */
  sql(...batches: readonly string[]): Promise<void> {
    return this.lab.run(this.database, ...batches);
  }

  /** Starts `cdc <verb> mssql-to-asb`. */
  start(verb: string, ...options: readonly string[]): RunningCdc {
    const { host, port, user, password } = this.lab.config(this.database);
    const source = `Server=${host},${String(port)};Database=${this.database};User ID=${user};Password={${password ?? ""}};Encrypt=false`;
    const env = { SQL_CONNECTION: source, ASB_CONNECTION: this.bus.connectionString, PULUMI_BACKEND_URL: undefined };
    const args = [verb, "mssql-to-asb", ...options, "--engine", "built-in"];
    return startCdc(args, { cwd: this.folder, env });
  }

  cdc(verb: string, ...options: readonly string[]): Promise<EndedProcess> {
    return this.start(verb, ...options).ended;
  }

  /** Names of the queues that are there. */
  async queues(): Promise<string[]> {
    const administration = await openAdministration({ connectionString: this.bus.connectionString });
    const names: string[] = [];
    for await (const { name } of administration.listQueues()) names.push(name);
    return names.sort();
  }

  /** Takes everything out of a table's queue, session by session, as a consumer does. */
  async receive(table: string): Promise<ReceivedChange[]> {
    const queue = queueOf(table);
    const all: ReceivedChange[] = [];
    while (this.bus.control.counts(queue).active > 0) {
      const receiver = await this.client.acceptNextSession(queue);
      for (;;) {
        const messages = await receiver.receiveMessages(100, { maxWaitTimeInMs: 100 });
        if (messages.length === 0) break;
        for (const message of messages) {
          await receiver.completeMessage(message);
          const envelope = message.body as Envelope;
          all.push({ session: receiver.sessionId, message, envelope });
        }
      }
      await receiver.close();
    }
    return all;
  }

  async close(): Promise<void> {
    await this.client.close();
    await this.bus.close();
    await this.lab.close();
    rmSync(this.folder, { recursive: true });
  }
}

/** Name of a table's queue. */
export function queueOf(table: string): string {
  return `${table}_cdc_events`;
}
