import type { link } from "rhea";
import { covers } from "../auth/shared-access";
import { disabled, notAllowed, unauthorized, unsupported } from "../errors";
import { CbsLink } from "./cbs-link";
import type { AmqpConnection } from "./connection";
import { ConsumerLink } from "./consumer-link";
import type { LinkContext } from "./link-context";
import type { LinkHandler } from "./link-handler";
import { ManagementLink } from "./management-link";
import { ProducerLink } from "./producer-link";
import { ReplyLink } from "./reply-link";
import type { ReceiverLink, SenderLink } from "./rhea";
import { SESSION_FILTER, SessionLink } from "./session-link";

const CBS = "$cbs";
const SUBSCRIPTION = /\/subscriptions\//i;
const MANAGEMENT = /^(.*)\/\$management$/i;

/** Answers the attach of a client's link; what happens on it is the handler's. Throws BrokerError. */
export function openLink(connection: AmqpConnection, opened: link, use: (handler: LinkHandler) => void): void {
  const toClient = opened.is_sender();
  const address = addressOf(toClient ? opened.source : opened.target);
  if (address === undefined) throw unsupported("transactions, or links without an address");
  if (SUBSCRIPTION.test(address)) throw unsupported("topics and their subscriptions");
  if (address !== CBS) checkClaims(connection, address);
  if (toClient) {
    opened.set_source({ address });
    openOutgoing(connection, opened as unknown as SenderLink, address, use);
  } else {
    opened.set_target({ address });
    use(incoming(connection, opened as ReceiverLink, address));
  }
}

/** The queue that a link is meant for. */
export function entityOf(opened: link): string {
  const address = addressOf(opened.is_sender() ? opened.source : opened.target);
  return (address ?? "").replace(/(\/\$\w+)+$/, "");
}

function incoming(connection: AmqpConnection, receiver: ReceiverLink, address: string): LinkHandler {
  const { context, replies, claims } = connection;
  if (address === CBS) return new CbsLink(receiver, context.access, replies, claims);
  const links = linkContext(connection);
  const managed = MANAGEMENT.exec(address)?.[1];
  const { queue, store } = context.namespace.open(managed ?? address);
  if (managed !== undefined) return new ManagementLink(receiver, queue, store, links, replies);
  if (store === queue.deadLetters) throw notAllowed("Messages cannot be sent to a dead-letter queue.");
  if (!queue.takes("send")) throw disabled(queue.name, "send");
  return new ProducerLink(receiver, queue, links);
}

function openOutgoing(
  connection: AmqpConnection,
  sender: SenderLink,
  address: string,
  use: (handler: LinkHandler) => void,
): void {
  const replyTo = address === CBS ? sender.name : addressOf(sender.target);
  if (address === CBS || MANAGEMENT.test(address)) {
    use(new ReplyLink(sender, connection.replies, replyTo ?? sender.name));
    return;
  }
  const { queue, store } = connection.context.namespace.open(address);
  if (!queue.takes("receive")) throw disabled(queue.name, "receive");
  const wantsSession = SESSION_FILTER in ((sender.source.filter as object | undefined) ?? {});
  checkSessions(wantsSession, store.sessions !== undefined);
  const links = linkContext(connection);
  if (store.sessions) {
    const receiving = new SessionLink(sender, queue, store, links, store.sessions);
    use(receiving);
    receiving.accept();
  } else {
    const receiving = new ConsumerLink(sender, queue, store, links);
    use(receiving);
    store.join(receiving);
  }
}

function checkSessions(wanted: boolean, required: boolean): void {
  if (required && !wanted)
    throw notAllowed("It is not possible for an entity that requires sessions to create a non-sessionful receiver.");
  if (wanted && !required)
    throw notAllowed("A sessionful message receiver cannot be created on an entity that does not require sessions.");
}

function checkClaims({ claims }: AmqpConnection, address: string): void {
  // Tokens are as old as the client's clock says, whatever time was skipped here.
  const now = Date.now();
  if (claims.some((claim) => covers(claim, address, now))) return;
  throw unauthorized(`Unauthorized access to '${address}': no valid token for it was put.`);
}

function linkContext(connection: AmqpConnection): LinkContext {
  return {
    faults: connection.context.faults,
    cut: () => connection.cut(),
    detach: (each, error) => connection.detach(each, error),
  };
}

/** There is none where a coordinator of transactions is meant. */
function addressOf(terminus: unknown): string | undefined {
  const address = (terminus as { readonly address?: unknown } | null | undefined)?.address;
  return typeof address === "string" ? address : undefined;
}
