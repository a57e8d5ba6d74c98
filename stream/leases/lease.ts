import { CdcError } from "../../lib/errors";

/** The right to do a piece of work that only one process may do at a time, kept in the background until it is lost or given back. */
export interface Lease {
  readonly name: string;
  /** Fencing token: higher than that of every holder before. What is written carries it, so that an older one can't commit. */
  readonly token: string;
  /** Aborted, with a CdcError `CDC_LEASE_LOST` as its reason, as soon as somebody else may have it. */
  readonly lost: AbortSignal;
  /** Gives it back, so that the next holder needn't wait. Never fails; calling it twice does no harm. */
  release(): Promise<void>;
}

/** A lease as it is told to the process that writes: its output checks the token in each transaction. */
export type LeaseToken = Pick<Lease, "name" | "token">;

/** What a backend gives to a holder. */
export interface Grip {
  readonly token: string;
  /** False: it is not ours any more. Throws when that can't be known now. */
  renew(): Promise<boolean>;
  /** Never fails. */
  release(): Promise<void>;
  /** Resolves when the backend itself tells that it's gone. */
  readonly gone?: Promise<void>;
}

/** Where leases are kept. */
export interface LeaseBackend {
  /** In messages, such as `PostgreSQL`. */
  readonly title: string;
  /** True: it passes to others when it isn't renewed in time, whether its holder lives or not. */
  readonly runsOut: boolean;
  /** Tries once. A text says who has it now, as far as that is known. */
  take(name: string, holder: string, ttlMs: number): Promise<Grip | string>;
  close(): Promise<void>;
}

/** Another process has it. */
export function leaseHeld(what: string, by: string): CdcError {
  const who = by === "" ? "another process" : `another process (${by})`;
  return new CdcError("CDC_LEASE_HELD", `${what} is in use by ${who}`, {
    hint: "Wait until it has finished, or give this one a name of its own.",
  });
}

/** It was ours, and isn't or may not be any more. */
export function leaseLost(what: string, why: string, cause?: unknown): CdcError {
  return new CdcError("CDC_LEASE_LOST", `${what}: the lease was lost: ${why}`, {
    hint: "Let the other process work. To run both beside each other, give them different names.",
    cause,
  });
}
