import type { Clock } from "../clock";
import { BrokerError, disabled, notFound } from "../errors";
import { Queue } from "./queue";
import { checkName, checkSettings, defaultSettings, type QueueSettings, type Tier } from "./settings";
import type { Store } from "./store";

const DEAD_LETTERS = /^(.*)\/\$deadletterqueue$/i;

/** All queues. Their names don't care for case. */
export class Namespace {
  readonly createdAt: number;
  /** Told when clients of a queue have to go. */
  onClosed: ((queue: Queue, error: BrokerError) => void) | undefined;
  private readonly queues = new Map<string, Queue>();

  constructor(
    readonly clock: Clock,
    readonly tier: Tier,
  ) {
    this.createdAt = clock.now();
  }

  /** Throws BrokerError when there is one, or when Azure wouldn't make it. */
  create(name: string, settings: Partial<QueueSettings> = {}): Queue {
    checkName(name);
    const all = this.complete(settings);
    if (this.find(name)) throw new BrokerError("com.microsoft:entity-already-exists", `'${name}' already exists.`);
    const queue = new Queue(name, all, this.clock);
    this.queues.set(name.toLowerCase(), queue);
    return queue;
  }

  /** Gives a queue other properties; those that are left out have their defaults. Throws BrokerError. */
  update(name: string, settings: Partial<QueueSettings>): Queue {
    const queue = this.queue(name);
    queue.update(this.complete(settings));
    if (!queue.takes("send") || !queue.takes("receive")) this.onClosed?.(queue, disabled(name, "this operation"));
    return queue;
  }

  /** Throws BrokerError (amqp:not-found). */
  delete(name: string): void {
    const queue = this.queue(name);
    this.queues.delete(name.toLowerCase());
    queue.stop();
    this.onClosed?.(queue, notFound(name));
  }

  find(name: string): Queue | undefined {
    return this.queues.get(name.toLowerCase());
  }

  /** Throws BrokerError (amqp:not-found). */
  queue(name: string): Queue {
    const queue = this.find(name);
    if (!queue) throw notFound(name);
    return queue;
  }

  /** All queues by name. */
  list(): Queue[] {
    return [...this.queues.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, queue]) => queue);
  }

  /** The messages behind an address: a queue's, or its dead letters. Throws BrokerError. */
  open(address: string): { queue: Queue; store: Store } {
    const dead = DEAD_LETTERS.exec(address)?.[1];
    const queue = this.queue(dead ?? address);
    return { queue, store: dead === undefined ? queue.main : queue.deadLetters };
  }

  stop(): void {
    for (const queue of this.queues.values()) queue.stop();
  }

  private complete(settings: Partial<QueueSettings>): QueueSettings {
    const all = { ...defaultSettings(this.tier), ...settings };
    checkSettings(all, this.tier);
    return all;
  }
}
