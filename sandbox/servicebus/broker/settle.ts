import { withProperties } from "../encoding/properties";
import type { Lock } from "./message";
import type { Queue } from "./queue";
import type { Store } from "./store";

/** What a receiver decides about a message, and the application properties it changes. */
export interface Decision {
  readonly kind: "complete" | "abandon" | "defer" | "dead-letter";
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** Does what a receiver decided. Throws BrokerError. */
export function settleAs(queue: Queue, store: Store, lock: Lock, { kind, properties = {} }: Decision): void {
  const { message } = lock;
  if (kind === "complete") store.complete(message);
  else if (kind === "dead-letter") queue.deadLetter(message, properties);
  else {
    message.content = withProperties(message.content, properties);
    if (kind === "defer") store.defer(lock);
    else store.abandon(lock);
  }
}
