import { CdcError } from "../../lib/errors";
import type { ServiceBusConfig } from "./config";
import {
  BY_CODE,
  BY_NAME,
  BY_STATUS,
  CONNECTION_LOST,
  IDENTITY_UNREACHABLE,
  UNKNOWN,
  UNREACHABLE,
  type Explanation,
  type FailureKind,
} from "./error-codes";
import { describe, hideSecrets } from "./place";

/** The client's words for a link or connection that ended without an error, such as one that broke while it was opened. */
const UNEXPLAINED = "Unknown error encountered.";

/** How what a managed identity said begins, among all that the identity library has tried. */
const MANAGED = "ManagedIdentityCredential: ";

/** What an error of the clients carries. */
interface RawError {
  readonly name?: string;
  readonly message: string;
  readonly code?: string;
  readonly retryable?: boolean;
  readonly statusCode?: number;
  /** Of an error of the system, such as `connect`; its own code may be gone. */
  readonly syscall?: string;
  readonly errors?: readonly unknown[];
}

/** A failure of Service Bus, or on the way there. */
export class ServiceBusFailure extends CdcError {
  override readonly name = "ServiceBusFailure";

  constructor(
    readonly kind: FailureKind,
    code: string,
    message: string,
    hint: string,
    cause: unknown,
  ) {
    super(code, message, { hint, cause });
  }

  /** Whether the same may succeed when it is tried again. */
  get retryable(): boolean {
    return this.kind === "throttled" || this.kind === "transient";
  }
}

/**
 * Any failure of the clients or the network as one that names the namespace, the object at work and the remedy.
 * Never holds a key, a signature or a token.
 * @param object What was at work, such as `queue Orders_cdc_events`.
 */
export function toServiceBusFailure(error: unknown, config: ServiceBusConfig, object?: string): ServiceBusFailure {
  if (error instanceof ServiceBusFailure) return error;
  const raw = rawError(error);
  const { kind, code, text, hint } = explanationOf(raw);
  const about = object === undefined ? "" : ` (${object})`;
  const message = hideSecrets(`Service Bus ${describe(config)}${about}: ${text}: ${firstLine(reasonOf(raw))}`, config);
  return new ServiceBusFailure(kind, code, message, hint, error);
}

function explanationOf(raw: RawError): Explanation {
  const { code = "", name = "", statusCode = 0 } = raw;
  if (reasonOf(raw).startsWith(`${MANAGED}Network unreachable`)) return IDENTITY_UNREACHABLE;
  const known = BY_NAME[name] ?? BY_CODE[code] ?? BY_STATUS[statusCode];
  if (known !== undefined) return known;
  if (raw.syscall !== undefined) return UNREACHABLE;
  if (statusCode >= 500 || raw.retryable === true || raw.message === UNEXPLAINED) return CONNECTION_LOST;
  return UNKNOWN;
}

// The retries of the client end in one error that holds them all.
function rawError(error: unknown): RawError {
  if (!isRaw(error)) return { message: String(error) };
  const last = error.errors?.at(-1);
  return isRaw(last) && BY_NAME[error.name ?? ""] === undefined ? rawError(last) : error;
}

/** Where several ways to an identity were tried, what the one said that is meant for machines. */
function reasonOf({ message, errors = [] }: RawError): string {
  const reasons = errors.filter(isRaw).map((one) => one.message);
  return reasons.find((text) => text.startsWith(MANAGED)) ?? message;
}

// Not `instanceof Error`: an error may come from another realm (a worker, a test runner's sandbox).
function isRaw(error: unknown): error is RawError {
  return typeof error === "object" && error !== null && typeof (error as RawError).message === "string";
}

// The server adds tracking ids, and the identity library a page of what it tried.
function firstLine(message: string): string {
  return (message.split("\n", 1)[0] ?? "").slice(0, 400);
}
