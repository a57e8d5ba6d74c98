import type { AmqpConnection, ConnectionContext } from "./amqp/connection";
import type { MessageContent } from "./broker/message";
import type { QueueCounts } from "./broker/queue";
import type { QueueSettings } from "./broker/settings";
import { BrokerError } from "./errors";
import type { Strike } from "./faults";
import { seen, sent, type SeenMessage, type SentMessage } from "./inspect";

export type { Strike } from "./faults";
export type { SeenMessage, SentMessage } from "./inspect";

/** What happened in a queue so far. */
export interface QueueTotals {
  /** Messages that were sent and kept. */
  readonly accepted: number;
  /** Messages that were sent and dropped as duplicates. */
  readonly duplicates: number;
  /** Messages that receivers completed, or took away at once. */
  readonly completed: number;
}

type Arrivals = (readonly [sequence: number, content: MessageContent])[];

/** Makes a running stand-in fail on purpose, and looks inside. Queues that don't exist throw BrokerError. */
export class ServiceBusControl {
  private readonly recordings = new Map<string, Arrivals>();

  constructor(
    private readonly context: ConnectionContext,
    private readonly connections: ReadonlySet<AmqpConnection>,
  ) {}

  /** Makes a queue, as the administration does. */
  createQueue(name: string, settings?: Partial<QueueSettings>): void {
    this.context.namespace.create(name, settings);
  }

  /** Changes some properties of a queue. */
  updateQueue(name: string, settings: Partial<QueueSettings>): void {
    const { namespace } = this.context;
    namespace.update(name, { ...namespace.queue(name).settings, ...settings });
  }

  /** What is in a queue, or in `queue/$DeadLetterQueue`, in order of arrival. */
  messages(address: string): SeenMessage[] {
    return [...this.context.namespace.open(address).store.messages.values()].map(seen);
  }

  /** How many messages are in which state. */
  counts(queue: string): QueueCounts {
    return this.context.namespace.queue(queue).counts();
  }

  /** How many messages came and went. */
  totals(queue: string): QueueTotals {
    const { accepted, dropped, main, deadLetters } = this.context.namespace.queue(queue);
    return { accepted, duplicates: dropped, completed: main.completed + deadLetters.completed };
  }

  /** Remembers all messages that arrive from now on, for {@link arrivals}. */
  record(queue: string): void {
    const arrivals: Arrivals = [];
    this.recordings.set(queue.toLowerCase(), arrivals);
    this.context.namespace.queue(queue).onArrival = ({ sequence, content }) => arrivals.push([sequence, content]);
  }

  /** What has arrived since `record`, in order, received or not; of one session when it is named. */
  arrivals(queue: string, sessionId?: string): SentMessage[] {
    const all = this.recordings.get(queue.toLowerCase()) ?? [];
    const wanted = sessionId === undefined ? all : all.filter(([, content]) => content.sessionId === sessionId);
    return wanted.map(([sequence, content]) => sent(sequence, content));
  }

  /** Lets so many milliseconds pass at once: locks, times to live, windows and schedules go by. */
  skip(milliseconds: number): void {
    this.context.namespace.clock.skip(milliseconds);
  }

  /** Refuses operations as a busy server does: the client waits and tries again. */
  serverBusy(strike: Strike = {}): void {
    const text = "The request was terminated because the entity is being throttled. Please wait and try again.";
    this.refuse({ ...strike, condition: "com.microsoft:server-busy", message: text });
  }

  /** Refuses operations with any error. */
  refuse(strike: Strike & { readonly condition: string; readonly message: string }): void {
    const error = new BrokerError(strike.condition, strike.message);
    this.context.faults.plan({ kind: "refuse", error }, strike);
  }

  /** Cuts the connection after the operation, before its answer: a message is stored, and its sender doesn't know. */
  cutAfter(strike: Strike = {}): void {
    this.context.faults.plan({ kind: "cut", done: true }, strike);
  }

  /** Cuts the connection instead of the operation: nothing is stored. */
  cutBefore(strike: Strike = {}): void {
    this.context.faults.plan({ kind: "cut", done: false }, strike);
  }

  /** Never answers operations. They are done, unless `done` is false. */
  dontAnswer(strike: Strike & { readonly done?: boolean } = {}): void {
    this.context.faults.plan({ kind: "silence", done: strike.done ?? true }, strike);
  }

  /** Forgets all faults that are planned, and is as fast as it can be again. */
  clearFaults(): void {
    this.context.faults.clear();
  }

  /** All answers and deliveries come so many milliseconds later from now on; 0 ends that. */
  slowDown(milliseconds: number): void {
    this.context.faults.delayMs = milliseconds;
  }

  /** Closes the links to a queue, or to all queues, as Azure does when it moves them. */
  detach(queue?: string): void {
    const text = "The link is force detached by the broker. Detach origin: Publisher.";
    const error = new BrokerError("amqp:link:detach-forced", text);
    const found = queue === undefined ? undefined : this.context.namespace.queue(queue);
    for (const connection of [...this.connections]) connection.detachAll(error, found);
  }

  /** Closes every connection with an error, as Azure does before an upgrade. */
  closeConnections(): void {
    const error = new BrokerError("amqp:connection:forced", "The connection was closed by the server.");
    for (const connection of [...this.connections]) connection.close(error);
  }

  /** Cuts every connection without a word. */
  disconnectAll(): void {
    for (const connection of [...this.connections]) connection.cut();
  }

  /** Refuses what is sent to the queue as a full one does, or takes it again. */
  setFull(queue: string, full = true): void {
    this.context.namespace.queue(queue).full = full;
  }

  /** All locks on messages and sessions of a queue end now, as if their time were over. */
  endLocks(queue: string): void {
    const { main, deadLetters } = this.context.namespace.queue(queue);
    main.endLocks();
    deadLetters.endLocks();
  }

  /** Changes the key of the namespace; connections that are open stay. */
  changeKey(key: string): void {
    const [first] = this.context.access.keys;
    if (first) first.key = key;
  }

  /** Number of connections that are open. */
  connectionCount(): number {
    return this.connections.size;
  }
}
