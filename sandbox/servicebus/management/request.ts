import type { Queue } from "../broker/queue";
import type { Session } from "../broker/session";
import type { Store } from "../broker/store";
import { invalid, notAllowed } from "../errors";

/** A request to a queue's management node. */
export interface ManagementRequest {
  readonly queue: Queue;
  readonly store: Store;
  readonly body: Readonly<Record<string, unknown>>;
  /** Name of the receiver's link that the request belongs to. */
  readonly linkName: string | undefined;
}

/** The answer; nothing is 204. */
export type ManagementAnswer = Readonly<Record<string, unknown>> | undefined;

export type Operation = (request: ManagementRequest) => ManagementAnswer;

/** A list of the body; an array of one comes as it is. Throws BrokerError. */
export function list(request: ManagementRequest, key: string): unknown[] {
  const value = request.body[key];
  if (!Array.isArray(value)) throw invalid(`The request has no list '${key}'.`);
  return value;
}

/** Whole numbers, however they are encoded. Throws BrokerError. */
export function numbers(request: ManagementRequest, key: string): number[] {
  return list(request, key).map(toNumber);
}

/** A whole number, however it is encoded. */
export function toNumber(value: unknown): number {
  return Buffer.isBuffer(value) ? Number(value.readBigInt64BE()) : Number(value);
}

/** Lock tokens as text. Throws BrokerError. */
export function tokens(request: ManagementRequest): string[] {
  return list(request, "lock-tokens").map((token) => {
    const hex = (token as Buffer).toString("hex");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  });
}

export function text(request: ManagementRequest, key: string): string | undefined {
  const value = request.body[key];
  return typeof value === "string" ? value : undefined;
}

/** The session that the request names, which the link holds; undefined where the queue has none. Throws BrokerError. */
export function heldSession(request: ManagementRequest): Session | undefined {
  const { store, queue, linkName } = request;
  if (!store.sessions) return undefined;
  const id = text(request, "session-id");
  if (id === undefined) throw notAllowed("The entity requires sessions, and the request names none.");
  return store.sessions.held(id, queue.clock.now(), linkName);
}
