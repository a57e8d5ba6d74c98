import type { Delivery } from "rhea";
import type { Queue } from "../broker/queue";
import { readBatch, readContent } from "../encoding/content";
import { tooLarge } from "../errors";
import type { LinkHandler } from "./link-handler";
import { amqpError, asBrokerError, BATCH_FORMAT, settle, type ReceiverLink } from "./rhea";

/** Transfers that a client may send before the next flow. */
const CREDIT = 1000;
/** Envelopes stay this small, whatever the size of single messages. */
const LARGEST_BATCH = 1_048_576;

/** A link on which a client sends to a queue. */
export class ProducerLink implements LinkHandler {
  constructor(
    private readonly link: ReceiverLink,
    private readonly queue: Queue,
  ) {
    link.local.attach.max_message_size = this.limit;
    link.add_credit(CREDIT);
  }

  message(bytes: Buffer, format: number, delivery: Delivery): void {
    if (this.link.credit < CREDIT / 2) this.link.add_credit(CREDIT - this.link.credit);
    const limit = format === BATCH_FORMAT ? Math.min(this.limit, LARGEST_BATCH) : this.limit;
    if (bytes.length > limit) this.link.close(amqpError(tooLarge(bytes.length, limit)));
    else this.store(bytes, format, delivery);
  }

  closed(): void {
    // Nothing is held for a sender.
  }

  private get limit(): number {
    return this.queue.settings.maxMessageSizeInKilobytes * 1024;
  }

  private store(bytes: Buffer, format: number, delivery: Delivery): void {
    try {
      this.queue.send(format === BATCH_FORMAT ? readBatch(bytes) : [readContent(bytes)]);
      settle(delivery);
    } catch (error) {
      settle(delivery, asBrokerError(error));
    }
  }
}
