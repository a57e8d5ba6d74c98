import type { OutgoingMessage } from "../../../databases/servicebus/messages/outgoing";
import type { DeadLetter } from "./dead-letter";

/** What becomes of a message that is larger than its queue takes. */
export interface OversizePolicy {
  /**
   * A message that takes its place in the queue, or a dead letter.
   * @param largest bytes that the queue takes
   */
  replace(message: OutgoingMessage, queue: string, largest: number): Promise<Replacement>;
}

export type Replacement = { readonly message: OutgoingMessage; readonly url: string } | { readonly letter: DeadLetter };

/** Oversize messages are dead letters, with all but their content. */
export const buryOversize: OversizePolicy = {
  replace: (message, queue, largest) => Promise.resolve({ letter: tooLarge(message, queue, largest) }),
};

export function tooLarge({ body }: OutgoingMessage, queue: string, largest: number): DeadLetter {
  const description = `the event has ${String(body.length)} bytes, and the queue takes messages of ${String(largest)}`;
  return { reason: "TooLarge", description, queue };
}
