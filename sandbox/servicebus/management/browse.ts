import { deferredMessages, peek } from "../broker/browse";
import { endOf } from "../broker/locks";
import type { Message } from "../broker/message";
import { encodeDelivery, withoutBody } from "../encoding/delivery";
import { uuid } from "./answer-types";
import { heldSession, numbers, text, toNumber, type ManagementRequest, type Operation } from "./request";

/** An answer holds so much at most; who wants more asks again. */
const LARGEST_ANSWER = 262_144;
const MOST_PEEKED = 250;

/** Shows messages from a sequence number on. */
export const peekMessages: Operation = (request) => {
  const { store, queue, body } = request;
  const found = peek(store, {
    from: toNumber(body["from-sequence-number"]),
    count: Math.min(MOST_PEEKED, toNumber(body["message-count"])),
    sessionId: text(request, "session-id"),
    now: queue.clock.now(),
  });
  if (found.length === 0) return undefined;
  const shown = found.map((message) => (body["omit-message-body"] === true ? withoutBody(message) : message));
  return {
    messages: fitting(shown.map((message) => encodeDelivery(message, undefined))).map((message) => ({ message })),
  };
};

/** Receives deferred messages. */
export const receiveBySequenceNumber: Operation = (request) => {
  const { store, body } = request;
  const session = heldSession(request);
  const found = deferredMessages(store, numbers(request, "sequence-numbers"), session?.id);
  const take = toNumber(body["receiver-settle-mode"]) === 0 ? takeAway : lockFor(session);
  return { messages: found.map((message) => take(request, message)) };
};

function takeAway({ store }: ManagementRequest, message: Message) {
  store.complete(message);
  // A lock token is expected, even where there is nothing to settle.
  return { message: encodeDelivery(message, undefined), "lock-token": uuid("00000000-0000-0000-0000-000000000000") };
}

function lockFor(session: ReturnType<typeof heldSession>) {
  return ({ store }: ManagementRequest, message: Message) => {
    const lock = store.lock(message, session);
    return { message: encodeDelivery(message, endOf(lock)), "lock-token": uuid(lock.token) };
  };
}

/** The first ones that fit into an answer, at least one. */
function fitting(encoded: readonly Buffer[]): Buffer[] {
  let left = LARGEST_ANSWER;
  return encoded.filter(({ length }, at) => (left -= length) >= 0 || at === 0);
}
