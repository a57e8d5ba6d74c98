import type { Socket } from "node:net";
import type { Container, Delivery, EventContext, link } from "rhea";
import type { KeyRing } from "../auth/key-ring";
import type { Claim } from "../auth/shared-access";
import type { Namespace } from "../broker/namespace";
import type { Queue } from "../broker/queue";
import type { BrokerError } from "../errors";
import type { Faults } from "../faults";
import type { LinkHandler } from "./link-handler";
import { entityOf, openLink } from "./open-link";
import type { ReplyLink } from "./reply-link";
import {
  acceptConnection,
  amqpError,
  holdAttach,
  keepEncoded,
  type Outcome,
  type OutcomeKind,
  type ServerConnection,
} from "./rhea";

/** What all connections share. */
export interface ConnectionContext {
  readonly container: Container;
  readonly namespace: Namespace;
  readonly faults: Faults;
  readonly access: KeyRing;
}

const OUTCOMES: readonly OutcomeKind[] = ["accepted", "rejected", "released", "modified"];
/** Events that mean nothing more here; one that nobody hears is an error for rhea. */
const IGNORED = ["connection_error", "session_error", "sender_error", "receiver_error", "settled"];

/** One client's connection: its links, and what its tokens let it use. */
export class AmqpConnection {
  readonly claims: Claim[] = [];
  readonly replies = new Map<string, ReplyLink>();
  private readonly connection: ServerConnection;
  private readonly handlers = new Map<object, LinkHandler>();

  constructor(
    private readonly socket: Socket,
    readonly context: ConnectionContext,
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

  /** Ends it properly, with an error. */
  close(error: BrokerError): void {
    this.connection.close(amqpError(error));
    this.end();
  }

  /** Closes a link with an error, and hears nothing more of it. */
  detach(closing: object, error: BrokerError): void {
    (closing as link).close(amqpError(error));
    this.forget(closing);
  }

  /** Closes all links to a queue, or to all queues, with an error. */
  detachAll(error: BrokerError, queue?: Queue): void {
    for (const [each, handler] of [...this.handlers])
      if (handler.queue && (queue ?? handler.queue) === handler.queue) this.detach(each, error);
  }

  private listen(): void {
    const on = (event: string, act: (context: EventContext) => void) => this.connection.on(event, act);
    on("session_open", ({ session }) => session && keepEncoded(session));
    on("sender_open", ({ sender }) => this.open(sender));
    on("receiver_open", ({ receiver }) => this.open(receiver));
    on("message", (event) => this.message(event));
    on("sender_flow", ({ sender }) => this.handlers.get(sender as object)?.flow?.());
    for (const kind of OUTCOMES) on(kind, ({ delivery }) => this.outcome(kind, delivery));
    on("sender_close", ({ sender }) => this.forget(sender));
    on("receiver_close", ({ receiver }) => this.forget(receiver));
    on("session_close", ({ session }) => session?.each_link((each: link) => this.forget(each), undefined as never));
    for (const event of ["connection_close", "disconnected"]) on(event, () => this.end());
    for (const event of ["error", "protocol_error"]) on(event, () => this.cut());
    for (const event of IGNORED) on(event, () => undefined);
  }

  private open(opened: link | undefined): void {
    if (!opened) return;
    const use = (handler: LinkHandler) => this.handlers.set(opened, handler);
    const answer = (error?: BrokerError) => {
      if (error) this.detach(opened, error);
    };
    const site = { operation: "attach", queue: entityOf(opened), cut: () => this.cut(), answer } as const;
    if (!this.context.faults.run(site, () => openLink(this, opened, use))) holdAttach(opened);
  }

  private message({ receiver, message, delivery, ...rest }: EventContext): void {
    const { format } = rest as unknown as { format: number };
    this.handlers.get(receiver as object)?.message?.(message as unknown as Buffer, format, delivery as Delivery);
  }

  private outcome(kind: OutcomeKind, delivery: Delivery | undefined): void {
    if (!delivery) return;
    const outcome = (delivery.remote_state ?? {}) as Outcome;
    this.handlers.get(delivery.link)?.outcome?.(kind, outcome, delivery);
  }

  private forget(closed: object | undefined): void {
    if (!closed) return;
    const handler = this.handlers.get(closed);
    this.handlers.delete(closed);
    handler?.closed();
  }

  private end(): void {
    for (const each of [...this.handlers.keys()]) this.forget(each);
    this.onEnd(this);
  }
}
