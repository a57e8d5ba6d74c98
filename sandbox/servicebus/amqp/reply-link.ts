import { message, type Delivery } from "rhea";
import type { LinkHandler } from "./link-handler";
import { settleOutgoing, type SenderLink } from "./rhea";

/** A reply to a request. */
export interface Reply {
  readonly correlation_id: unknown;
  readonly application_properties: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/** A link on which answers to requests leave. */
export class ReplyLink implements LinkHandler {
  constructor(
    private readonly link: SenderLink,
    private readonly known: Map<string, ReplyLink>,
    private readonly address: string,
  ) {
    known.set(address, this);
  }

  send(reply: Reply): void {
    this.link.send(message.encode(reply), undefined, 0);
  }

  outcome(_kind: string, _outcome: unknown, delivery: Delivery): void {
    settleOutgoing(delivery);
  }

  closed(): void {
    this.known.delete(this.address);
  }
}
