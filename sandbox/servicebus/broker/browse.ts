import { BrokerError } from "../errors";
import type { Message } from "./message";
import type { Store } from "./store";

/** What to look at, without receiving it. */
export interface PeekRequest {
  readonly from: number;
  readonly count: number;
  readonly sessionId: string | undefined;
  readonly now: number;
}

/** Messages from a sequence number on, in its order, whatever their state. */
export function peek(store: Store, { from, count, sessionId, now }: PeekRequest): Message[] {
  const wanted = [...store.messages.values()].filter(
    ({ sequence, content, expiresAt }) =>
      sequence >= from && expiresAt > now && (sessionId === undefined || content.sessionId === sessionId),
  );
  // Dead letters come in the order of their failures.
  return wanted.sort((a, b) => a.sequence - b.sequence).slice(0, count);
}

/** Deferred messages by their sequence numbers. Throws BrokerError when one isn't there. */
export function deferredMessages(store: Store, sequences: readonly number[], sessionId: string | undefined): Message[] {
  return sequences.map((sequence) => {
    const message = store.messages.get(sequence);
    const found = message?.place === "deferred" && (sessionId === undefined || message.content.sessionId === sessionId);
    if (!found) throw missing(sequence, "deferred");
    return message;
  });
}

/** Scheduled messages by their sequence numbers. Throws BrokerError when one isn't there. */
export function scheduledMessages(store: Store, sequences: readonly number[]): Message[] {
  return sequences.map((sequence) => {
    const message = store.messages.get(sequence);
    if (message?.place !== "scheduled") throw missing(sequence, "scheduled");
    return message;
  });
}

function missing(sequence: number, kind: string): BrokerError {
  return new BrokerError("com.microsoft:message-not-found", `There is no ${kind} message ${sequence}.`);
}
