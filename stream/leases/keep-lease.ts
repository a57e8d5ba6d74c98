import { sleep } from "../../lib/retry";
import { leaseLost, type Grip, type Lease, type LeaseBackend } from "./lease";

/** Renewals in the time that a lease holds. */
const RENEWALS = 3;
/** Longest wait for a backend that is to take a lease back. */
const RELEASE_MS = 2_000;

/** A lease that was just taken. */
export interface TakenLease {
  readonly name: string;
  readonly grip: Grip;
  readonly backend: Pick<LeaseBackend, "title" | "runsOut">;
  readonly ttlMs: number;
  /** When it was asked for, by `performance.now()`: it holds from then on, whatever the clocks say. */
  readonly askedAt: number;
}

/** Renews a lease in the background until it is given back or lost. Doesn't keep the process alive. */
export function keepLease(taken: TakenLease): Lease {
  return new KeptLease(taken);
}

class KeptLease implements Lease {
  private readonly losing = new AbortController();
  private readonly renewal: NodeJS.Timeout;
  private deadline: NodeJS.Timeout | undefined;
  private underWay: Promise<void> | undefined;
  private released: Promise<void> | undefined;
  private failure: unknown;

  constructor(private readonly taken: TakenLease) {
    const { grip, ttlMs, askedAt, backend } = taken;
    this.renewal = setInterval(() => {
      this.underWay ??= this.renew().finally(() => (this.underWay = undefined));
    }, ttlMs / RENEWALS);
    this.renewal.unref();
    if (backend.runsOut) this.expect(askedAt);
    void grip.gone?.then(() => {
      this.lose("its connection was cut");
    });
  }

  get name(): string {
    return this.taken.name;
  }

  get token(): string {
    return this.taken.grip.token;
  }

  get lost(): AbortSignal {
    return this.losing.signal;
  }

  release(): Promise<void> {
    return (this.released ??= this.giveBack());
  }

  private async giveBack(): Promise<void> {
    clearInterval(this.renewal);
    this.cancelDeadline();
    // A renewal that is under way would take it again.
    const giving = (this.underWay ?? Promise.resolve()).then(() => this.taken.grip.release());
    const patience = new AbortController();
    await Promise.race([giving, sleep(RELEASE_MS, patience.signal).catch(() => undefined)]);
    patience.abort();
  }

  private async renew(): Promise<void> {
    const { grip, backend } = this.taken;
    const askedAt = performance.now();
    if (!backend.runsOut) this.expect(askedAt);
    let isKept: boolean;
    try {
      isKept = await grip.renew();
    } catch (error) {
      this.failure = error;
      return;
    }
    if (this.released !== undefined) return;
    this.cancelDeadline();
    if (!isKept) this.lose("another process has it");
    else if (backend.runsOut) this.expect(askedAt);
  }

  /** It counts as lost when no renewal has succeeded when its time, counted from then, is over. */
  private expect(askedAt: number): void {
    if (this.deadline !== undefined) return;
    const { ttlMs, backend } = this.taken;
    const why = `it could not be renewed at ${backend.title} for ${String(ttlMs / 1000)} s`;
    const leftMs = Math.max(0, askedAt + ttlMs - performance.now());
    this.deadline = setTimeout(() => {
      this.lose(why);
    }, leftMs);
    this.deadline.unref();
  }

  private cancelDeadline(): void {
    clearTimeout(this.deadline);
    this.deadline = undefined;
  }

  private lose(why: string): void {
    if (this.released !== undefined) return;
    this.losing.abort(leaseLost(this.name, why, this.failure));
    void this.release();
  }
}
