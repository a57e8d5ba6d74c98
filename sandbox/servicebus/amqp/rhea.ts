import type { Socket } from "node:net";
import { message, types, type Connection, type Container, type Delivery, type link, type Sender } from "rhea";
import type { Receiver, Session } from "rhea";
import type { BrokerError } from "../errors";

/** How a client settles a delivery. */
export type OutcomeKind = "accepted" | "rejected" | "released" | "modified";

/** What it says with that. */
export interface Outcome {
  readonly error?: {
    readonly condition: string;
    readonly info?: Readonly<Record<string, unknown>>;
  };
  readonly undeliverable_here?: boolean;
  readonly message_annotations?: Readonly<Record<string, unknown>>;
}

/** The attach answer, as long as it isn't written. */
interface LocalAttach {
  max_message_size?: number;
  snd_settle_mode?: number;
  rcv_settle_mode?: number;
  properties?: Record<string, unknown>;
}

/** Fields of rhea's links that its type declarations leave out. */
interface LinkFields {
  readonly local: { readonly attach: LocalAttach };
  readonly credit: number;
  /** Deliveries that were written, and credit that was given up. */
  readonly delivery_count: number;
}

export type SenderLink = Omit<Sender, "send"> &
  LinkFields & { send(bytes: Buffer, tag: Buffer | undefined, format: 0): Delivery };
export type ReceiverLink = Receiver & LinkFields;

export type ServerConnection = Connection & { accept(socket: Socket): void; eof(): void };

interface Described {
  described(): unknown;
}

const outcomes = message as unknown as {
  accepted(): Described;
  rejected(fields: { error: { condition: string; description: string } }): Described;
};

/** Settles a delivery: it is done, or refused with an error. */
export function settle(delivery: Delivery, error?: BrokerError): void {
  const state = error ? outcomes.rejected({ error: amqpError(error) }) : outcomes.accepted();
  delivery.update(true, state.described());
}

/**
 * Settles a delivery to a client. A client in second settle mode never answers that, and would fill rhea's ring of
 * deliveries: it counts as settled on both sides.
 */
export function settleOutgoing(delivery: Delivery, error?: BrokerError): void {
  settle(delivery, error);
  (delivery as { remote_settled: boolean }).remote_settled = true;
}

export function amqpError(error: BrokerError): { condition: string; description: string } {
  return { condition: error.condition, description: error.message };
}

/** Format of messages that rhea would decode; a number that no client uses makes it hand over the bytes. */
const KEEP_ENCODED = 0x7fff_0000;
/** Format of an envelope with many messages. */
export const BATCH_FORMAT = 0x8001_3700;

interface TransferFrame {
  readonly performative: { message_format: number | null | undefined };
}

/** Makes rhea hand over the bytes of all messages that come in this session, decoding none. */
export function keepEncoded(session: Session): void {
  const wrapped = session as unknown as { on_transfer(frame: TransferFrame): void };
  const original = wrapped.on_transfer.bind(session);
  wrapped.on_transfer = (frame) => {
    if (!frame.performative.message_format) frame.performative.message_format = KEEP_ENCODED;
    original(frame);
  };
}

/** Holds the attach answer of a link back until it is let go. */
export function holdAttach(held: Pick<link, "connection">): () => void {
  const { connection } = held as unknown as { connection: { _register(): void } };
  const processing = held as { _process?: () => void };
  processing._process = () => undefined;
  return () => {
    delete processing._process;
    connection._register();
  };
}

/** A client that is silent for twice as long is gone, in milliseconds. */
const IDLE_MS = 60_000;

/** What Service Bus says of itself, and no decision that rhea would take alone. */
const OPTIONS = {
  hostname: "127.0.0.1",
  idle_time_out: IDLE_MS,
  max_frame_size: 65_536,
  channel_max: 4999,
  session_buffer_size: 65_536,
  autoaccept: false,
  credit_window: 0,
  treat_modified_as_released: false,
  reconnect: false,
};

/** Whether another delivery fits into the link's AMQP session. */
export function hasRoom(link: SenderLink): boolean {
  return (link.session as unknown as { outgoing: { available(): number } }).outgoing.available() > 0;
}

/** Whether the client wants the rest of its credit to be given up. */
export function isDraining(link: SenderLink): boolean {
  return (link as unknown as { _draining: boolean })._draining;
}

/** A connection for a socket that was accepted. */
export function acceptConnection(container: Container, socket: Socket): ServerConnection {
  const connection = container.create_connection(OPTIONS as never) as ServerConnection;
  connection.accept(socket);
  // rhea hears of ends and errors, not of a socket that was destroyed here, and would leave its timers on.
  socket.once("close", () => {
    connection.eof();
  });
  return connection;
}

const wrappers = types as unknown as { wrap_long(value: Buffer): unknown };

/** A number as an AMQP long. */
export function long(value: number | bigint): unknown {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return wrappers.wrap_long(bytes);
}
