import { ServiceBusFailure } from "../../../databases/servicebus/errors";
import { messageBytes } from "../../../databases/servicebus/messages/encode-message";
import { MessageBatch } from "../../../databases/servicebus/messages/message-batch";
import type { QueueSender } from "../../../databases/servicebus/queue-sender";
import type { DeadLetter } from "./dead-letter";
import { ItemQueue } from "./item-queue";
import type { Item, LaneContext } from "./lane-context";
import { tooLarge } from "./oversize";
import { Persistence } from "./persistence";

/**
 * The way to one queue. One thing is on its way at a time, until the queue has it: what comes later waits, so no message
 * overtakes another one, whatever fails in between.
 */
export class QueueLane {
  private readonly items = new ItemQueue();
  private readonly persistence: Persistence;
  private running: Promise<void> | undefined;
  /** Most bytes of a message; undefined while the queue hasn't told. */
  private largest: number | undefined;
  /** Most bytes of a batch, when the queue has refused one. */
  private largestBatch = Infinity;
  /** A queue that isn't there is looked for again later; until then what is for it goes to the dead letters. */
  private missingUntil = 0;
  private failures = 0;

  constructor(
    private readonly sender: QueueSender,
    private readonly context: LaneContext,
    /** What holds dead letters must be there. */
    private readonly isLastResort = false,
  ) {
    this.persistence = new Persistence(context.retry, context.signal, (failure, attempt, pauseMs) => {
      this.failures = attempt;
      context.tell({ kind: "retry", queue: sender.queue, attempt, pauseMs, failure: failure.message });
    });
  }

  /** Connects. @throws CdcError when the queue isn't there or can't be reached. */
  async open(): Promise<void> {
    try {
      this.largest = await this.sender.maxMessageBytes();
    } catch (error) {
      if (!isMissing(error) || this.context.createQueue === undefined) throw error;
      await this.withoutQueue(error);
    }
  }

  /** Sends a message when all that were given before are sent. */
  push(item: Item): void {
    this.items.push(item);
    // What the same turn of the event loop brings goes into the same batch.
    this.running ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.run());
  }

  private async run(): Promise<void> {
    try {
      while (this.items.first !== undefined) await this.sendNext();
    } catch (error) {
      this.context.fail(error);
    } finally {
      this.running = undefined;
    }
  }

  private async sendNext(): Promise<void> {
    if (Date.now() < this.missingUntil) {
      this.buryAll();
      return;
    }
    try {
      this.largest ??= await this.trying(() => this.sender.maxMessageBytes());
      await this.sendFirst(this.largest);
    } catch (error) {
      if (!isMissing(error)) throw error;
      await this.withoutQueue(error);
    }
  }

  private async sendFirst(largest: number): Promise<void> {
    const batch = new MessageBatch(Math.min(largest, this.largestBatch, this.context.maxBatchBytes));
    const items = this.items.takeWhile((item) => batch.tryAdd(item.message));
    if (items.length > 0) await this.deliver(items, batch, largest);
    else await this.deliverLarge(this.items.shift() as Item, largest);
  }

  private async deliver(items: readonly Item[], batch: MessageBatch, largest: number): Promise<void> {
    try {
      await this.trying(() => this.sender.sendBatch(batch));
    } catch (error) {
      const [only, ...others] = items;
      if (isTooLarge(error) && only !== undefined && others.length === 0) return this.replace(only, largest);
      this.items.unshift(items);
      if (!isTooLarge(error)) throw error;
      // It takes less than it said.
      this.largestBatch = Math.floor(batch.bytes / 2);
      return;
    }
    for (const { line } of items) this.context.confirm(line);
  }

  /** A message that no batch takes. */
  private async deliverLarge(item: Item, largest: number): Promise<void> {
    if (messageBytes(item.message) > largest) return this.replace(item, largest);
    try {
      await this.trying(() => this.sender.sendAlone(item.message));
    } catch (error) {
      if (isTooLarge(error)) return this.replace(item, largest);
      this.items.unshift([item]);
      throw error;
    }
    this.context.confirm(item.line);
  }

  private async replace(item: Item, largest: number): Promise<void> {
    const { queue } = this.sender;
    const replacement =
      item.isReplacement === true
        ? { letter: tooLarge(item.message, queue, largest) }
        : await this.trying(() => this.context.oversize.replace(item.message, queue, largest));
    if ("letter" in replacement) {
      this.context.bury(item, replacement.letter);
      return;
    }
    const { message, url } = replacement;
    this.context.tell({ kind: "claim-check", queue, bytes: item.message.body.length, url });
    this.items.unshift([{ ...item, message, isReplacement: true }]);
  }

  private async withoutQueue(failure: ServiceBusFailure): Promise<void> {
    const { createQueue } = this.context;
    const { queue } = this.sender;
    this.largest = undefined;
    if (createQueue !== undefined) {
      await this.trying(() => createQueue(queue));
      this.context.tell({ kind: "queue-created", queue });
    } else if (this.isLastResort) {
      throw failure;
    } else {
      this.missingUntil = Date.now() + this.context.retry.longestMs;
      this.buryAll();
    }
  }

  private buryAll(): void {
    const { queue } = this.sender;
    const letter: DeadLetter = { reason: "NoQueue", description: `the queue ${queue} does not exist`, queue };
    for (const item of this.items.takeWhile(() => true)) this.context.bury(item, letter);
  }

  private async trying<T>(work: () => Promise<T>): Promise<T> {
    const result = await this.persistence.until(() => this.context.turns.use(this.context.signal, work));
    if (this.failures > 0) this.context.tell({ kind: "recovered", queue: this.sender.queue, attempts: this.failures });
    this.failures = 0;
    return result;
  }
}

function isMissing(error: unknown): error is ServiceBusFailure {
  return error instanceof ServiceBusFailure && error.kind === "not-found";
}

function isTooLarge(error: unknown): boolean {
  return error instanceof ServiceBusFailure && error.kind === "too-large";
}
