import { startServiceBus, type RunningServiceBus } from "../../sandbox/servicebus";
import { ServiceBusSink } from "../../stream/sinks/servicebus/service-bus-sink";
import type { SinkEvent } from "../../stream/sinks/servicebus/sink-events";
import type { SinkOptions } from "../../stream/sinks/servicebus/sink-options";

/** A change of a made-up table, small enough to be told in a test. */
export interface MadeChange {
  readonly table: string;
  readonly key: number;
  /** Place in the history of its table, from 1. */
  readonly place: number;
}

/** The envelope of a change, as a line without its end. */
export function changeLine({ table, key, place }: MadeChange, more: Readonly<Record<string, unknown>> = {}): string {
  const metadata = {
    TableName: table,
    Schema: "dbo",
    Database: "Shop",
    OperationType: "Update",
    LSN: "0000004c000028200003",
    Position: place.toString(16).padStart(50, "0"),
    Key: ["Id"],
  };
  return JSON.stringify({ data: { Id: key, Place: place, ...more }, metadata });
}

/** Lines as an input writes them. */
export function linesOf(changes: readonly MadeChange[]): Buffer {
  return Buffer.from(changes.map((change) => `${changeLine(change)}\n`).join(""));
}

/** A stand-in with the queues of some tables, and sinks that send there. */
export class ServiceBusLab {
  readonly events: SinkEvent[] = [];
  private readonly sinks: ServiceBusSink[] = [];

  private constructor(readonly bus: RunningServiceBus) {}

  static async open(...tables: readonly string[]): Promise<ServiceBusLab> {
    const bus = await startServiceBus();
    const lab = new ServiceBusLab(bus);
    bus.createQueue("cdc_dead_letters", { requiresDuplicateDetection: true });
    bus.control.record("cdc_dead_letters");
    for (const table of tables) lab.addQueue(table);
    return lab;
  }

  get control() {
    return this.bus.control;
  }

  addQueue(table: string): void {
    this.bus.createQueue(`${table}_cdc_events`, { requiresSession: true, requiresDuplicateDetection: true });
    this.control.record(`${table}_cdc_events`);
  }

  /** A sink that tries again quickly; by way of another port where one is given. */
  async sink(options: SinkOptions = {}, port = this.bus.port): Promise<ServiceBusSink> {
    const connectionString = this.bus.connectionString.replace(`:${String(this.bus.port)}`, `:${String(port)}`);
    const sink = await ServiceBusSink.open(
      { connectionString },
      {
        retry: { firstMs: 1, longestMs: 20 },
        timeoutMs: 1_000,
        onEvent: (event) => this.events.push(event),
        ...options,
      },
    );
    this.sinks.push(sink);
    return sink;
  }

  /** What has arrived in a table's queue: `key:place`, in the order of arrival. */
  arrived(table: string): string[] {
    return this.control.arrivals(`${table}_cdc_events`).map(({ body }) => {
      const { data } = JSON.parse(String(body)) as { data: { Id: number; Place: number } };
      return `${data.Id}:${data.Place}`;
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.sinks.map((sink) => sink.close()));
    await this.bus.close();
  }
}
