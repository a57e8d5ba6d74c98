import { unsupported } from "../errors";
import { peekMessages, receiveBySequenceNumber } from "./browse";
import { renewLock, renewSessionLock, updateDisposition } from "./locks";
import type { ManagementAnswer, ManagementRequest, Operation } from "./request";
import { cancelScheduledMessages, scheduleMessages } from "./schedule";
import { getSessionState, setSessionState } from "./session-state";

const OPERATIONS: Readonly<Record<string, Operation>> = {
  "com.microsoft:renew-lock": renewLock,
  "com.microsoft:peek-message": peekMessages,
  "com.microsoft:schedule-message": scheduleMessages,
  "com.microsoft:cancel-scheduled-message": cancelScheduledMessages,
  "com.microsoft:receive-by-sequence-number": receiveBySequenceNumber,
  "com.microsoft:update-disposition": updateDisposition,
  "com.microsoft:renew-session-lock": renewSessionLock,
  "com.microsoft:set-session-state": setSessionState,
  "com.microsoft:get-session-state": getSessionState,
};

/** Does what a request to a management node asks. Throws BrokerError. */
export function manage(operation: string, request: ManagementRequest): ManagementAnswer {
  const perform = OPERATIONS[operation];
  if (!perform) throw unsupported(`the operation ${operation}`);
  return perform(request);
}
