import type { ServiceBusConfig } from "../../../databases/servicebus/config";
import { ServiceBusConnection } from "../../../databases/servicebus/connection";
import type { OutgoingMessage } from "../../../databases/servicebus/messages/outgoing";
import { Rejection } from "../../rejection";
import { readChange } from "./change";
import { messagesOf } from "./change-messages";
import { Confirmations } from "./confirmations";
import { lineMessage } from "./dead-letter";
import { Lanes } from "./lanes";
import { Routes } from "./routes";
import { sinkSettings, type SinkOptions, type SinkSettings } from "./sink-options";

const NEWLINE = 0x0a;

/**
 * Sends change events to the queues of their tables. Each queue gets its events in their order, whatever fails in
 * between; what can't be sent becomes a dead letter and blocks nobody.
 */
export class ServiceBusSink {
  private readonly stopping = new AbortController();
  private readonly confirmations: Confirmations;
  private readonly routes: Routes;
  private readonly lanes: Lanes;
  private lines = 0;

  private constructor(connection: ServiceBusConnection, settings: SinkSettings) {
    const { naming, tables, deadLetterQueue, onConfirmed } = settings;
    this.confirmations = new Confirmations(onConfirmed);
    this.routes = new Routes({ ...naming, reserved: [deadLetterQueue] }, tables);
    const reports = {
      confirm: (line: number) => this.confirmations.confirm(line),
      fail: (error: unknown) => this.fail(error),
    };
    this.lanes = new Lanes(connection, settings, reports, this.stopping.signal);
  }

  /**
   * Connects, and looks whether the queue of the dead letters is there.
   * @throws CdcError when it isn't, can't be reached or mayn't be sent to; or when queues can't be named so.
   */
  static async open(config: ServiceBusConfig, options: SinkOptions = {}): Promise<ServiceBusSink> {
    const settings = sinkSettings(options);
    const sink = new ServiceBusSink(new ServiceBusConnection(config, { timeoutMs: settings.timeoutMs }), settings);
    try {
      await sink.lanes.open();
      return sink;
    } catch (error) {
      await sink.close();
      throw error;
    }
  }

  /**
   * Sends the events of whole lines. Resolves when all of them, and all that were given before, are where they belong.
   * May be called again before that.
   * @throws CdcError when something failed for good: nothing more is sent then.
   */
  write(blocks: readonly Buffer[]): Promise<void> {
    try {
      for (const block of blocks) this.takeLines(block);
    } catch (error) {
      this.fail(error);
    }
    return this.confirmations.reached(this.lines);
  }

  /** Stops at once; what isn't confirmed may be sent or not. */
  async close(): Promise<void> {
    this.fail(new Error("the sink is closed"));
    await this.lanes.close();
  }

  private takeLines(block: Buffer): void {
    for (let start = 0; start < block.length;) {
      const found = block.indexOf(NEWLINE, start);
      const end = found < 0 ? block.length : found;
      if (end > start) this.take(block.subarray(start, end));
      start = end + 1;
    }
  }

  private take(line: Buffer): void {
    this.lines += 1;
    const change = readChange(line);
    const route = change instanceof Rejection ? change : this.routes.of(change.table);
    if (change instanceof Rejection || route instanceof Rejection)
      return this.bury(lineMessage(line), route as Rejection);
    const messages = messagesOf(change, route);
    if (messages instanceof Rejection)
      return this.bury(lineMessage(line, route.propertiesOf(change)), messages, route.queue);
    const number = this.confirmations.add(messages.length);
    for (const message of messages) this.lanes.push(route.queue, { message, line: number });
  }

  private bury(message: OutgoingMessage, { reason: description }: Rejection, queue?: string): void {
    const letter = { reason: "BadEvent", description, ...(queue === undefined ? {} : { queue }) } as const;
    this.lanes.bury({ message, line: this.confirmations.add(1) }, letter);
  }

  private fail(reason: unknown): void {
    const error = reason instanceof Error ? reason : new Error(String(reason));
    this.confirmations.fail(error);
    this.stopping.abort(error);
  }
}
