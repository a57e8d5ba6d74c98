import { message, types, type Connection, type Container, type Delivery, type Sender } from "rhea";
import type { Receiver, Session } from "rhea";
import { BrokerError } from "../errors";

/** What a client decided about a delivery, or the stand-in about a client's. */
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
  _process?: () => void;
}

export type SenderLink = Omit<Sender, "send"> &
  LinkFields & { send(bytes: Buffer, tag: Buffer | undefined, format: 0): Delivery };
export type ReceiverLink = Receiver & LinkFields;

export type ServerConnection = Connection & { accept(socket: unknown): void };

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

/** Any error as the one that a client sees. */
export function asBrokerError(error: unknown): BrokerError {
  if (error instanceof BrokerError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new BrokerError(error instanceof RangeError ? "amqp:decode-error" : "amqp:internal-error", text);
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
export function holdAttach(link: SenderLink): () => void {
  link._process = () => undefined;
  return () => {
    delete link._process;
    (link.connection as unknown as { _register(): void })._register();
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

/** A connection for a socket that was accepted. */
export function acceptConnection(container: Container, socket: unknown): ServerConnection {
  const connection = container.create_connection(OPTIONS as never) as ServerConnection;
  connection.accept(socket);
  return connection;
}

const wrappers = types as unknown as { wrap_long(value: Buffer): unknown };

/** A number as an AMQP long. */
export function long(value: number | bigint): unknown {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return wrappers.wrap_long(bytes);
}
