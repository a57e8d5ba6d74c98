/**
 * What to do with a failure: wait since the server is busy or full, try again, make it smaller, look for the queue,
 * mend the access, wait for the identity if there was one, or stop and tell.
 */
export type FailureKind = "throttled" | "transient" | "too-large" | "not-found" | "auth" | "identity" | "permanent";

/** What a code of the clients means. */
export interface Explanation {
  readonly kind: FailureKind;
  readonly code: string;
  readonly text: string;
  readonly hint: string;
}

function explain(kind: FailureKind, code: string, text: string, hint: string): Explanation {
  return { kind, code: `CDC_SERVICEBUS_${code}`, text, hint };
}

export const CONNECTION_LOST = explain(
  "transient",
  "UNAVAILABLE",
  "the server did not do what it was asked to",
  "Try again; the state of the namespace is told in the Azure portal.",
);
export const UNKNOWN = explain(
  "permanent",
  "ERROR",
  "the server refused",
  "Its text says why; the settings of the queue are told by `cdc status`.",
);
const BUSY = explain("throttled", "BUSY", "the server is busy", "Wait, or give the namespace more throughput units.");
const MISSING = explain(
  "not-found",
  "NO_QUEUE",
  "the queue does not exist",
  "Make it with `cdc init <task>`, or correct its name (queue_template).",
);
const REFUSED = explain(
  "auth",
  "ACCESS",
  "access was refused",
  "Use a policy or role that may do this: Send to stream (Azure Service Bus Data Sender), Manage to make queues (Data Owner).",
);
const NO_IDENTITY = explain(
  "identity",
  "IDENTITY",
  "no identity was found",
  "Run where a managed identity is assigned, log in with `az login`, or use a connection string.",
);
export const IDENTITY_UNREACHABLE = explain(
  "transient",
  "IDENTITY_UNREACHABLE",
  "who gives out tokens for the managed identity cannot be reached",
  "Wait: it is asked again. It is on the machine itself (IDENTITY_ENDPOINT, or 169.254.169.254), and no proxy may be in between.",
);
export const UNREACHABLE = explain(
  "transient",
  "UNREACHABLE",
  "it cannot be reached",
  "Check the namespace's name, the network and the firewall (ports 5671 and 443).",
);

/** By `code` of an error: codes of Service Bus, of its administration, and of sockets. */
export const BY_CODE: Readonly<Record<string, Explanation>> = {
  ServiceBusy: BUSY,
  ServerBusyError: BUSY,
  QuotaExceeded: explain(
    "throttled",
    "FULL",
    "the queue is full",
    "Let its readers catch up, or raise its size (max_size_in_megabytes).",
  ),
  ServiceTimeout: explain(
    "transient",
    "TIMEOUT",
    "no answer in time",
    "Check the network; what was sent is sent again.",
  ),
  ServiceCommunicationProblem: UNREACHABLE,
  MessagingEntityDisabled: explain(
    "transient",
    "DISABLED",
    "the queue is disabled",
    "Enable it in the Azure portal: what is to be sent waits.",
  ),
  MessagingEntityNotFound: MISSING,
  MessageEntityNotFoundError: MISSING,
  MessageSizeExceeded: explain(
    "too-large",
    "TOO_LARGE",
    "the message is too large",
    "Choose what becomes of such rows (oversize), or use a premium namespace.",
  ),
  UnauthorizedAccess: REFUSED,
  UnauthorizedRequestError: REFUSED,
  MessageEntityAlreadyExistsError: explain(
    "permanent",
    "QUEUE_EXISTS",
    "the queue is there already",
    "Run again: it is taken over as it is.",
  ),
  MessagingEntityAlreadyExists: explain("transient", "QUEUE_EXISTS", "the queue was made meanwhile", "Run again."),
  ENOTFOUND: UNREACHABLE,
  EAI_AGAIN: UNREACHABLE,
  ECONNREFUSED: UNREACHABLE,
  ECONNRESET: UNREACHABLE,
  ETIMEDOUT: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  EPIPE: UNREACHABLE,
  REQUEST_SEND_ERROR: UNREACHABLE,
};

/** By `name` of an error: those of the identity library. */
export const BY_NAME: Readonly<Record<string, Explanation>> = {
  CredentialUnavailableError: NO_IDENTITY,
  AggregateAuthenticationError: NO_IDENTITY,
  AuthenticationError: REFUSED,
  AuthenticationRequiredError: NO_IDENTITY,
};

/** By the status of an answer of the administration. */
export const BY_STATUS: Readonly<Record<number, Explanation>> = {
  401: REFUSED,
  403: REFUSED,
  404: MISSING,
  409: explain("transient", "CONFLICT", "another change is going on", "Run again."),
  429: BUSY,
  503: BUSY,
};
