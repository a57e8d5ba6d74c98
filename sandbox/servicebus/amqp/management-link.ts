import { message as codec, type Delivery } from "rhea";
import type { Queue } from "../broker/queue";
import type { Store } from "../broker/store";
import { tooLarge, type BrokerError } from "../errors";
import { manage } from "../management";
import { int, symbolOf } from "../management/answer-types";
import type { ManagementAnswer } from "../management/request";
import type { LinkContext } from "./link-context";
import type { LinkHandler } from "./link-handler";
import type { ReplyLink } from "./reply-link";
import { settle, type ReceiverLink } from "./rhea";

/** Requests that a client may send before the next flow. */
const CREDIT = 100;

const STATUS: Readonly<Record<string, number>> = {
  "amqp:not-found": 404,
  "amqp:not-implemented": 501,
  "amqp:unauthorized-access": 401,
  "amqp:resource-limit-exceeded": 403,
  "amqp:internal-error": 500,
  "com.microsoft:message-not-found": 404,
  "com.microsoft:message-lock-lost": 410,
  "com.microsoft:session-lock-lost": 410,
  "com.microsoft:server-busy": 503,
};
const BAD_REQUEST = 400;

/** A link on which requests to a queue's management node come. */
export class ManagementLink implements LinkHandler {
  constructor(
    private readonly link: ReceiverLink,
    readonly queue: Queue,
    private readonly store: Store,
    private readonly context: LinkContext,
    private readonly replies: ReadonlyMap<string, ReplyLink>,
  ) {
    link.add_credit(CREDIT);
  }

  message(bytes: Buffer, _format: number, delivery: Delivery): void {
    settle(delivery);
    const limit = this.queue.settings.maxMessageSizeInKilobytes * 1024;
    if (bytes.length > limit) {
      // No answer, as in Azure: the client times out.
      this.context.detach(this.link, tooLarge(bytes.length, limit));
      return;
    }
    if (this.link.credit < CREDIT / 2) this.link.add_credit(CREDIT - this.link.credit);
    const request = codec.decode(bytes) as Readonly<Record<string, unknown>>;
    const properties = request["application_properties"] as Readonly<Record<string, unknown>>;
    const linkName = properties["associated-link-name"] as string | undefined;
    const body = (request["body"] ?? {}) as Readonly<Record<string, unknown>>;
    const { faults, cut } = this.context;
    let result: ManagementAnswer;
    const answer = (error?: BrokerError) => this.reply(request, error ?? result);
    faults.run({ operation: "manage", queue: this.queue.name, cut, answer }, () => {
      const { queue, store } = this;
      result = manage(String(properties["operation"]), { queue, store, body, linkName });
    });
  }

  closed(): void {
    // Answers leave on another link.
  }

  private reply(request: Readonly<Record<string, unknown>>, result: ManagementAnswer | BrokerError): void {
    const refused = result instanceof Error;
    this.replies.get(String(request["reply_to"]))?.send({
      correlation_id: request["message_id"],
      application_properties: refused ? refusal(result) : done(result === undefined ? 204 : 200),
      body: refused ? undefined : result,
    });
  }
}

function done(status: number) {
  return { statusCode: int(status), statusDescription: status === 204 ? "No Content" : "OK" };
}

function refusal({ condition, message }: BrokerError) {
  const status = STATUS[condition] ?? BAD_REQUEST;
  return { statusCode: int(status), statusDescription: message, errorCondition: symbolOf(condition) };
}
