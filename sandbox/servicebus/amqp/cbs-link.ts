import { message, type Delivery } from "rhea";
import { checkToken, type KeyRing } from "../auth/key-ring";
import { authFailed, pathOf, type Claim } from "../auth/shared-access";
import { asBrokerError, unsupported } from "../errors";
import type { LinkHandler } from "./link-handler";
import type { ReplyLink } from "./reply-link";
import { settle, type ReceiverLink } from "./rhea";

const TYPES: readonly unknown[] = ["servicebus.windows.net:sastoken", "jwt"];

/** The link on which a client shows its tokens. */
export class CbsLink implements LinkHandler {
  constructor(
    link: ReceiverLink,
    private readonly access: KeyRing,
    private readonly replies: ReadonlyMap<string, ReplyLink>,
    private readonly claims: Claim[],
  ) {
    link.add_credit(1000);
  }

  message(bytes: Buffer, _format: number, delivery: Delivery): void {
    const request = message.decode(bytes);
    settle(delivery);
    const reply = this.replies.get(String(request["reply_to"]));
    reply?.send({ correlation_id: request["message_id"], application_properties: this.answer(request) });
  }

  closed(): void {
    // Claims last as long as the connection.
  }

  private answer(request: Readonly<Record<string, unknown>>): Record<string, unknown> {
    try {
      this.claims.push(this.check(request));
      return { "status-code": 202, "status-description": "Accepted" };
    } catch (error) {
      const { condition, message: text } = asBrokerError(error);
      return { "status-code": 401, "status-description": text, "error-condition": condition };
    }
  }

  /** Throws BrokerError. */
  private check(request: Readonly<Record<string, unknown>>): Claim {
    const properties = request["application_properties"] as Record<string, unknown>;
    if (properties["operation"] !== "put-token") throw unsupported(`the operation ${String(properties["operation"])}`);
    if (!TYPES.includes(properties["type"])) throw unsupported(`tokens of type ${String(properties["type"])}`);
    const claim = checkToken(String(request["body"]), this.access, Date.now());
    const path = pathOf(String(properties["name"]));
    if (claim.path === "" || path === claim.path || path.startsWith(`${claim.path}/`)) return { ...claim, path };
    throw authFailed("The token is for another resource.");
  }
}
