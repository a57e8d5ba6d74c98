import type { Container, Delivery, EventContext, link } from "rhea";
import { covers, type AccessKey, type Claim } from "../auth/shared-access";
import type { Namespace } from "../broker/namespace";
import { notAllowed, unauthorized, unsupported, type BrokerError } from "../errors";
import { CbsLink } from "./cbs-link";
import { ConsumerLink } from "./consumer-link";
import type { LinkHandler } from "./link-handler";
import { ProducerLink } from "./producer-link";
import { ReplyLink } from "./reply-link";
import {
  acceptConnection,
  amqpError,
  asBrokerError,
  keepEncoded,
  type Outcome,
  type ReceiverLink,
  type SenderLink,
  type ServerConnection,
} from "./rhea";
import { SessionLink } from "./session-link";

/** What all connections share. */
export interface ConnectionContext {
  readonly container: Container;
  readonly namespace: Namespace;
  readonly keys: readonly AccessKey[];
}

const OUTCOMES = ["accepted", "rejected", "released", "modified"] as const;
const CBS = "$cbs";

/** One client's connection: its links, and what its tokens let it use. */
export class AmqpConnection {
  private readonly connection: ServerConnection;
  private readonly handlers = new Map<link, LinkHandler>();
  private readonly replies = new Map<string, ReplyLink>();
  private readonly claims: Claim[] = [];

  constructor(
    private readonly socket: { destroy(): void },
    private readonly context: ConnectionContext,
    private readonly onEnd: (connection: AmqpConnection) => void,
  ) {
    this.connection = acceptConnection(context.container, socket);
    this.listen();
  }

  /** Cuts it without a word. */
  cut(): void {
    this.socket.destroy();
    this.end();
  }

  private listen(): void {
    const on = (event: string, act: (context: EventContext) => void) => this.connection.on(event, act);
    on("session_open", ({ session }) => session && keepEncoded(session));
    on("sender_open", ({ sender }) => this.opened(sender as unknown as SenderLink, sender?.source.address));
    on("receiver_open", ({ receiver }) => this.opened(receiver as ReceiverLink, addressOf(receiver?.target)));
    on("message", (event) => this.message(event));
    on("sender_flow", ({ sender }) => this.handlers.get(sender as link)?.flow?.());
    for (const kind of OUTCOMES) on(kind, ({ delivery }) => this.outcome(kind, delivery));
    on("sender_close", ({ sender }) => this.closed(sender as link));
    on("receiver_close", ({ receiver }) => this.closed(receiver as link));
    on("session_close", ({ session }) => session?.each_link((each: link) => this.closed(each), undefined as never));
    for (const event of ["connection_close", "disconnected"]) on(event, () => this.end());
    for (const event of ["error", "protocol_error"]) on(event, () => this.cut());
    for (const event of ["connection_error", "session_error", "sender_error", "receiver_error", "settled"])
      on(event, () => undefined);
  }

  private opened(opened: SenderLink | ReceiverLink, address: unknown): void {
    try {
      this.handlers.set(opened, this.handlerFor(opened, typeof address === "string" ? address : ""));
    } catch (error) {
      this.refuse(opened, asBrokerError(error));
    }
  }

  private refuse(opened: link, error: BrokerError): void {
    opened.close(amqpError(error));
  }

  private handlerFor(opened: SenderLink | ReceiverLink, address: string): LinkHandler {
    if (address !== CBS) this.checkClaims(address);
    if (!opened.is_receiver()) return this.outgoing(opened as SenderLink, address);
    const receiver = opened as ReceiverLink;
    if (address === CBS) return new CbsLink(receiver, this.context, this.replies, this.claims);
    if (address === "") throw unsupported("transactions");
    receiver.set_target({ address });
    return new ProducerLink(receiver, this.context.namespace.queue(address));
  }

  private outgoing(sender: SenderLink, address: string): LinkHandler {
    sender.set_source({ address });
    if (address === CBS) return new ReplyLink(sender, this.replies, sender.name);
    const { queue, store } = this.context.namespace.open(address);
    const filter = sender.source.filter as Record<string, unknown> | undefined;
    const wantsSession = filter !== undefined && "com.microsoft:session-filter" in filter;
    if (store.sessions && !wantsSession)
      throw notAllowed("It is not possible for an entity that requires sessions to create a non-sessionful receiver.");
    if (wantsSession && !store.sessions)
      throw notAllowed("A sessionful message receiver cannot be created on an entity that does not require sessions.");
    if (store.sessions) return new SessionLink(sender, queue, store, store.sessions);
    const consumer = new ConsumerLink(sender, queue, store);
    store.join(consumer);
    return consumer;
  }

  private checkClaims(address: string): void {
    const now = this.context.namespace.clock.now();
    if (this.claims.some((claim) => covers(claim, address, now))) return;
    throw unauthorized(`Unauthorized access to '${address}': no token for it was put.`);
  }

  private message({ receiver, message, delivery, ...rest }: EventContext): void {
    const { format } = rest as unknown as { format: number };
    this.handlers.get(receiver as link)?.message?.(message as unknown as Buffer, format, delivery as Delivery);
  }

  private outcome(kind: (typeof OUTCOMES)[number], delivery: Delivery | undefined): void {
    if (!delivery) return;
    const outcome = (delivery.remote_state ?? {}) as Outcome;
    this.handlers.get(delivery.link)?.outcome?.(kind, outcome, delivery);
  }

  private closed(closed: link): void {
    this.handlers.get(closed)?.closed();
    this.handlers.delete(closed);
  }

  private end(): void {
    for (const handler of this.handlers.values()) handler.closed();
    this.handlers.clear();
    this.onEnd(this);
  }
}

/** The address of a target; there is none for a coordinator of transactions. */
function addressOf(target: unknown): unknown {
  return (target as { readonly address?: unknown } | null | undefined)?.address;
}
