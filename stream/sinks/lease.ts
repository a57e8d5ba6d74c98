import { hostname } from "node:os";
import type { PgConfig } from "../../databases/postgres/config";
import { queryRows } from "../../databases/postgres/run";
import { CdcError } from "../../lib/errors";
import { sleep } from "../../lib/retry";

/** Settings of {@link takeLease}. */
export interface LeaseOptions {
  /** Who asks; default `<host>:<process id>`. The same holder gets it again at once. */
  readonly holder?: string;
  /** How long it holds without being renewed; default 15,000. */
  readonly ttlMs?: number;
  /** How long to wait for another holder; default twice the time to live. */
  readonly waitMs?: number;
  /** Told once, when another holder has it. */
  readonly onWait?: (holder: string) => void;
}

/** The right to write one pipeline's checkpoints, renewed in the background until somebody else has taken it over. */
export interface Lease {
  readonly name: string;
  /** Fencing token as it is now: a transaction that carries another one cannot commit. */
  readonly token: string;
  /** Gives it back, so that the next holder needn't wait. */
  release(): Promise<void>;
}

const TTL_MS = 15_000;
const POLL_MS = 250;
const TAKE = "SELECT cdc_management.acquire_lease($1, $2, $3::bigint * interval '1 millisecond')::text AS token";
const RELEASE = "SELECT cdc_management.release_lease($1, $2::bigint)";

/**
 * Takes the lease of a pipeline.
 * @throws CdcError `CDC_LEASE_HELD` when another holder has it and the time is up.
 */
export async function takeLease(config: PgConfig, pipeline: string, options: LeaseOptions = {}): Promise<Lease> {
  const { ttlMs = TTL_MS, holder = `${hostname()}:${String(process.pid)}` } = options;
  const name = `pipeline:${pipeline}`;
  const take = (): Promise<string | null> => tryTake(config, name, holder, ttlMs);
  const deadline = Date.now() + (options.waitMs ?? 2 * ttlMs);
  for (let told = false; ; told = true) {
    const token = await take();
    if (token !== null) return new RenewedLease(config, name, token, take, ttlMs);
    if (Date.now() >= deadline) throw held(pipeline);
    if (!told) options.onWait?.(`pipeline ${pipeline} is in use by another process: waiting for it`);
    await sleep(Math.min(POLL_MS, ttlMs / 4));
  }
}

/** What a transaction with a stale token ends with. */
export function leaseLost(pipeline: string, cause?: unknown): CdcError {
  return new CdcError(
    "CDC_LEASE_LOST",
    `pipeline ${pipeline}: another process has taken over; nothing of this batch was written`,
    {
      hint: "Let the other process work. To run both beside each other, give them different --pipeline names.",
      cause,
    },
  );
}

async function tryTake(config: PgConfig, name: string, holder: string, ttlMs: number): Promise<string | null> {
  const rows = await queryRows<{ token: string | null }>(config, TAKE, [name, holder, ttlMs], {
    object: `lease ${name}`,
  });
  return rows[0]?.token ?? null;
}

class RenewedLease implements Lease {
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly config: PgConfig,
    readonly name: string,
    private current: string,
    private readonly take: () => Promise<string | null>,
    ttlMs: number,
  ) {
    // A renewal that fails is no harm: the token decides, at the checkpoint.
    this.timer = setInterval(() => void this.renew().catch(() => undefined), ttlMs / 3);
    this.timer.unref();
  }

  get token(): string {
    return this.current;
  }

  async release(): Promise<void> {
    clearInterval(this.timer);
    await this.giveBack(this.current);
  }

  private async renew(): Promise<void> {
    const token = await this.take();
    if (token === this.current) return;
    // It had run out (this process was stopped for a while) and nobody else has had it.
    if (token !== null && BigInt(token) === BigInt(this.current) + 1n) {
      this.current = token;
      return;
    }
    clearInterval(this.timer);
    if (token !== null) await this.giveBack(token);
  }

  private async giveBack(token: string): Promise<void> {
    await queryRows(this.config, RELEASE, [this.name, token], { attempts: 1 }).catch(() => undefined);
  }
}

function held(pipeline: string): CdcError {
  return new CdcError("CDC_LEASE_HELD", `pipeline ${pipeline} is in use by another process`, {
    hint: "Wait until it has finished, or give this one a name of its own with --pipeline.",
  });
}
