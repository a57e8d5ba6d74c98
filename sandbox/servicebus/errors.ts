/** A refusal as a client sees it: an AMQP error condition and a sentence. */
export class BrokerError extends Error {
  override readonly name: string = "BrokerError";

  constructor(
    readonly condition: string,
    message: string,
  ) {
    super(message);
  }
}

/** Condition of every error that says "this stand-in cannot do that". */
export const NOT_IMPLEMENTED = "amqp:not-implemented";

/** Service Bus knows it and the stand-in doesn't: an error, never a wrong answer. */
export function unsupported(what: string): BrokerError {
  return new BrokerError(NOT_IMPLEMENTED, `This Service Bus stand-in does not support ${what}.`);
}

export function notFound(entity: string): BrokerError {
  return new BrokerError("amqp:not-found", `The messaging entity '${entity}' could not be found.`);
}

export function notAllowed(message: string): BrokerError {
  return new BrokerError("amqp:not-allowed", message);
}

/** The request itself is wrong. */
export function invalid(message: string): BrokerError {
  return new BrokerError("com.microsoft:argument-error", message);
}

export function disabled(entity: string, forWhat: string): BrokerError {
  return new BrokerError(
    "com.microsoft:entity-disabled",
    `Messaging entity '${entity}' is currently disabled for ${forWhat}.`,
  );
}

export function tooLarge(bytes: number, limit: number): BrokerError {
  return new BrokerError(
    "amqp:link:message-size-exceeded",
    `The received message (size:${bytes} bytes) exceeds the limit (${limit} bytes) currently allowed on the link.`,
  );
}

export function quotaExceeded(entity: string, megabytes: number): BrokerError {
  return new BrokerError(
    "amqp:resource-limit-exceeded",
    `The maximum entity size of '${entity}' has been reached or exceeded: ${megabytes} megabytes.`,
  );
}

export function messageLockLost(): BrokerError {
  return new BrokerError(
    "com.microsoft:message-lock-lost",
    "The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue.",
  );
}

export function sessionLockLost(session: string): BrokerError {
  return new BrokerError(
    "com.microsoft:session-lock-lost",
    `The session lock has expired on the session '${session}'. Accept a new session.`,
  );
}

export function unauthorized(message: string): BrokerError {
  return new BrokerError("amqp:unauthorized-access", message);
}

/** Any error as the one that a client sees. */
export function asBrokerError(error: unknown): BrokerError {
  if (error instanceof BrokerError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new BrokerError(error instanceof RangeError ? "amqp:decode-error" : "amqp:internal-error", text);
}
