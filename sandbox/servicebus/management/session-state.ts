import { notAllowed } from "../errors";
import { heldSession, type ManagementRequest, type Operation } from "./request";

/** Keeps what the receiver of a session wants to know later; null forgets it. */
export const setSessionState: Operation = (request) => {
  const state = request.body["session-state"];
  sessionOf(request).state = Buffer.isBuffer(state) ? Buffer.from(state) : undefined;
  return {};
};

export const getSessionState: Operation = (request) => ({ "session-state": sessionOf(request).state ?? null });

function sessionOf(request: ManagementRequest) {
  const session = heldSession(request);
  if (!session) throw notAllowed("The entity does not require sessions.");
  return session;
}
