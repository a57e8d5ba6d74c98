import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { sleep } from "../../lib/retry";
import { keepLease } from "./keep-lease";
import { leaseHeld, type Lease, type LeaseBackend } from "./lease";

/** Settings of {@link acquireLease}. */
export interface AcquireOptions {
  /** What it is the lease of, in errors; default the lease by its name. */
  readonly what?: string;
  /** Who asks; default `<host>:<process id>:<random>`. */
  readonly holder?: string;
  /** How long it holds without being renewed; default 15,000. */
  readonly ttlMs?: number;
  /** How long to wait for another holder: 0 asks once; default twice the time to live. */
  readonly waitMs?: number;
  /** Ends the waiting with its reason. */
  readonly signal?: AbortSignal;
  /** Told once, when another holder has it. */
  readonly onWait?: (text: string) => void;
}

/** How long a lease holds without being renewed, unless told otherwise. */
export const LEASE_TTL_MS = 15_000;
const POLL_MS = 250;

/**
 * Takes a lease and keeps it.
 * @throws CdcError `CDC_LEASE_HELD` when another holder has it and the time is up; else as the backend tells.
 */
export async function acquireLease(backend: LeaseBackend, name: string, options: AcquireOptions = {}): Promise<Lease> {
  const { what = `lease ${name}`, holder = uniqueHolder(), ttlMs = LEASE_TTL_MS, signal } = options;
  const { waitMs = 2 * ttlMs } = options;
  const deadline = performance.now() + waitMs;
  for (let told = false; ; told = true) {
    signal?.throwIfAborted();
    const askedAt = performance.now();
    const found = await backend.take(name, holder, ttlMs);
    if (typeof found !== "string") return keepLease({ name, grip: found, backend, ttlMs, askedAt });
    if (performance.now() >= deadline) throw leaseHeld(what, found);
    if (!told) options.onWait?.(`${what} is in use by ${found === "" ? "another process" : found}: waiting for it`);
    await sleep(Math.min(POLL_MS, ttlMs / 4), signal);
  }
}

/** In containers host name and process id may be the same: those would share a lease. */
export function uniqueHolder(): string {
  return `${hostname()}:${String(process.pid)}:${randomBytes(3).toString("hex")}`;
}
