import type { Clock } from "../clock";
import { BrokerError, notFound } from "../errors";
import { Queue } from "./queue";
import { checkName, checkSettings, DEFAULT_SETTINGS, type QueueSettings } from "./settings";
import type { Store } from "./store";

const DEAD_LETTERS = /^(.*)\/\$deadletterqueue$/i;

/** All queues. Their names don't care for case. */
export class Namespace {
  private readonly queues = new Map<string, Queue>();

  constructor(readonly clock: Clock) {}

  /** Throws BrokerError when there is one, or when Azure wouldn't make it. */
  create(name: string, settings: Partial<QueueSettings> = {}): Queue {
    checkName(name);
    const all = { ...DEFAULT_SETTINGS, ...settings };
    checkSettings(all);
    if (this.find(name)) throw new BrokerError("com.microsoft:entity-already-exists", `'${name}' already exists.`);
    const queue = new Queue(name, all, this.clock);
    this.queues.set(name.toLowerCase(), queue);
    return queue;
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

  /** The messages behind an address: a queue's, or its dead letters. Throws BrokerError. */
  open(address: string): { queue: Queue; store: Store } {
    const dead = DEAD_LETTERS.exec(address)?.[1];
    const queue = this.queue(dead ?? address);
    return { queue, store: dead === undefined ? queue.main : queue.deadLetters };
  }

  stop(): void {
    for (const queue of this.queues.values()) queue.stop();
  }
}
