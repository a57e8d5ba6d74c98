import type { ServiceBusConnection } from "../../../databases/servicebus/connection";
import { QueueSender } from "../../../databases/servicebus/queue-sender";
import { Turns } from "../../run/turns";
import { deadMessage, type DeadLetter } from "./dead-letter";
import type { Item, LaneContext } from "./lane-context";
import { buryOversize } from "./oversize";
import { QueueLane } from "./queue-lane";
import type { SinkSettings } from "./sink-options";

/** What the lanes tell their sink. */
export interface LaneReports {
  confirm(line: number): void;
  fail(error: unknown): void;
}

/** One lane per queue, made when something is for it, and the one of the dead letters. */
export class Lanes {
  private readonly lanes = new Map<string, QueueLane>();
  private readonly senders: QueueSender[] = [];
  private readonly context: LaneContext;
  private readonly deadLetters: QueueLane;

  constructor(
    private readonly connection: ServiceBusConnection,
    private readonly settings: SinkSettings,
    reports: LaneReports,
    signal: AbortSignal,
  ) {
    const { retry, maxBatchBytes, oversize = buryOversize, createQueue, onEvent } = settings;
    this.context = {
      signal,
      turns: new Turns(settings.sendsAtOnce),
      retry,
      maxBatchBytes,
      oversize,
      createQueue,
      confirm: (line) => reports.confirm(line),
      fail: (error) => reports.fail(error),
      bury: (item, letter) => this.bury(item, letter),
      tell: onEvent,
    };
    this.deadLetters = new QueueLane(this.senderOf(settings.deadLetterQueue), this.context, true);
  }

  /** Connects, and looks whether the dead letters have their queue. */
  async open(): Promise<void> {
    await this.deadLetters.open();
  }

  /** Sends a message to a queue. */
  push(queue: string, item: Item): void {
    let lane = this.lanes.get(queue);
    if (lane === undefined) {
      lane = new QueueLane(this.senderOf(queue), this.context);
      this.lanes.set(queue, lane);
    }
    lane.push(item);
  }

  /** Sends a message to the dead letters instead of to its queue. */
  bury(item: Item, letter: DeadLetter): void {
    const { queue, reason, description } = letter;
    this.settings.onEvent({ kind: "dead-letter", queue, reason, description });
    this.deadLetters.push({ line: item.line, message: deadMessage(item.message, letter) });
  }

  async close(): Promise<void> {
    for (const sender of this.senders) sender.stop();
    await this.connection.close();
  }

  private senderOf(queue: string): QueueSender {
    const sender = new QueueSender(this.connection, queue);
    this.senders.push(sender);
    return sender;
  }
}
