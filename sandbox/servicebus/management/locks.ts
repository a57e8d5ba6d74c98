import type { Lock } from "../broker/message";
import { settleAs, type Decision } from "../broker/settle";
import { invalid, notAllowed } from "../errors";
import { timestamp, timestamps } from "./answer-types";
import { heldSession, text, tokens, type ManagementRequest, type Operation } from "./request";

/** Renews locks on messages. */
export const renewLock: Operation = (request) => {
  const { store } = request;
  if (store.sessions) throw notAllowed("Locks of messages cannot be renewed on an entity that requires sessions.");
  const locks = heldLocks(request);
  for (const lock of locks) lock.until = store.lockEnd();
  return { expirations: timestamps(locks.map(({ until }) => until)) };
};

/** Renews the lock on a session. */
export const renewSessionLock: Operation = (request) => {
  const session = heldSession(request);
  if (!session) throw notAllowed("The entity does not require sessions.");
  session.lockedUntil = request.store.lockEnd();
  return { expiration: timestamp(session.lockedUntil) };
};

const DECISIONS: Readonly<Record<string, Decision["kind"]>> = {
  completed: "complete",
  abandoned: "abandon",
  defered: "defer",
  suspended: "dead-letter",
};

/** Settles messages by their lock tokens. */
export const updateDisposition: Operation = (request) => {
  const { queue, store, body } = request;
  const kind = DECISIONS[text(request, "disposition-status") ?? ""];
  if (!kind) throw invalid(`The disposition status '${String(body["disposition-status"])}' is unknown.`);
  const reason = {
    DeadLetterReason: text(request, "deadletter-reason"),
    DeadLetterErrorDescription: text(request, "deadletter-description"),
  };
  const modified = (body["properties-to-modify"] ?? {}) as Record<string, unknown>;
  const properties = kind === "dead-letter" ? { ...modified, ...reason } : modified;
  for (const lock of heldLocks(request)) settleAs(queue, store, lock, { kind, properties });
  return {};
};

function heldLocks(request: ManagementRequest): Lock[] {
  const session = text(request, "session-id");
  return tokens(request).map((token) => request.store.held(token, session));
}
