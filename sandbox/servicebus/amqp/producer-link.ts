import type { Delivery } from "rhea";
import type { Queue } from "../broker/queue";
import { readBatch, readContent } from "../encoding/content";
import { tooLarge } from "../errors";
import type { LinkContext } from "./link-context";
import type { LinkHandler } from "./link-handler";
import { BATCH_FORMAT, settle, type ReceiverLink } from "./rhea";

/** Transfers that a client may send before the next flow. */
const CREDIT = 1000;
/** Envelopes stay this small, whatever the size of single messages. */
const LARGEST_BATCH = 1_048_576;

/** A link on which a client sends to a queue. */
export class ProducerLink implements LinkHandler {
  constructor(
    private readonly link: ReceiverLink,
    readonly queue: Queue,
    private readonly context: LinkContext,
  ) {
    link.local.attach.max_message_size = this.limit;
    link.add_credit(CREDIT);
  }

  message(bytes: Buffer, format: number, delivery: Delivery): void {
    if (this.link.credit < CREDIT / 2) this.link.add_credit(CREDIT - this.link.credit);
    const { faults, cut } = this.context;
    const answer = settle.bind(undefined, delivery);
    faults.run({ operation: "send", queue: this.queue.name, cut, answer }, () => {
      this.store(bytes, format === BATCH_FORMAT);
    });
  }

  closed(): void {
    // Nothing is held for a sender.
  }

  private store(bytes: Buffer, isBatch: boolean): void {
    const limit = isBatch ? Math.min(this.limit, LARGEST_BATCH) : this.limit;
    if (bytes.length > limit) throw tooLarge(bytes.length, limit);
    this.queue.send(isBatch ? readBatch(bytes) : [readContent(bytes)]);
  }

  private get limit(): number {
    return this.queue.settings.maxMessageSizeInKilobytes * 1024;
  }
}
