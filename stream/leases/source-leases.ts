import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { PgConfig } from "../../databases/postgres/config";
import { queryRows } from "../../databases/postgres/run";

/** Settings of {@link SourceLeases}. */
export interface SourceLeaseOptions {
  readonly pipeline: string;
  readonly holder?: string;
  readonly ttlMs?: number;
}

const TTL_MS = 15_000;
const OBJECT = { object: "leases of the sources" };
// A lease that another holder has is only looked at: so nobody waits for the row of a transaction under way.
const TAKE = `SELECT n AS name, CASE WHEN EXISTS (
    SELECT FROM cdc_management.leases AS l WHERE l.name = n AND l.holder <> $2 AND l.expires_at > clock_timestamp()
  ) THEN NULL ELSE cdc_management.acquire_lease(n, $2, $3::bigint * interval '1 millisecond')::text END AS token
  FROM unnest($1::text[]) AS n ORDER BY n`;
const RELEASE = "SELECT cdc_management.release_lease(x.n, x.t) FROM unnest($1::text[], $2::bigint[]) AS x (n, t)";

/** The rights of this process to write the positions of its sources; all are renewed by one statement. */
export class SourceLeases {
  private readonly tokens = new Map<string, string>();
  private readonly holder: string;
  private readonly ttlMs: number;
  private readonly timer: NodeJS.Timeout;
  private renewal: Promise<void> = Promise.resolve();

  constructor(
    private readonly config: PgConfig,
    private readonly options: SourceLeaseOptions,
  ) {
    // In containers host name and process id may be the same: those would share a lease.
    this.holder = options.holder ?? `${hostname()}:${String(process.pid)}:${randomBytes(3).toString("hex")}`;
    this.ttlMs = options.ttlMs ?? TTL_MS;
    // A renewal that fails is no harm: the token decides when something is written.
    this.timer = setInterval(() => {
      this.renewal = this.renew().catch(() => undefined);
    }, this.ttlMs / 3);
    this.timer.unref();
  }

  /** How long to wait before a lease that another has is asked for again, in milliseconds. */
  get pauseMs(): number {
    return Math.min(1_000, this.ttlMs / 4);
  }

  /** Longest time after which the lease of a dead process can be taken, in milliseconds. */
  get patienceMs(): number {
    return 2 * this.ttlMs;
  }

  /** Takes the lease of a source: its fencing token; undefined while another process has it. */
  async take(source: string): Promise<string | undefined> {
    const [token] = (await this.ask([source])).values();
    if (token === undefined) this.tokens.delete(source);
    else this.tokens.set(source, token);
    return token;
  }

  /** Fencing token of a source as it is now; undefined when it isn't held. */
  tokenOf(source: string): string | undefined {
    return this.tokens.get(source);
  }

  /** Gives leases back, so that others needn't wait until they run out. Never fails. */
  async release(sources: readonly string[] = [...this.tokens.keys()]): Promise<void> {
    const held = sources.flatMap((source) => {
      const token = this.tokens.get(source);
      return token === undefined ? [] : [{ name: this.nameOf(source), token }];
    });
    for (const source of sources) this.tokens.delete(source);
    if (held.length === 0) return;
    const values = [held.map(({ name }) => name), held.map(({ token }) => token)];
    await queryRows(this.config, RELEASE, values, { ...OBJECT, attempts: 1 }).catch(() => undefined);
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    // One that is under way would take back what is given away.
    await this.renewal;
    await this.release();
  }

  private async renew(): Promise<void> {
    const before = new Map(this.tokens);
    if (before.size === 0) return;
    // The next one makes up for it.
    const found = await this.ask([...before.keys()], 1);
    for (const [source, token] of before) {
      if (this.tokens.get(source) !== token) continue;
      const renewed = found.get(source);
      // It had run out. When somebody else has had it meanwhile, what we know of the source is out of date.
      const isOurs = renewed === token || (renewed !== undefined && BigInt(renewed) === BigInt(token) + 1n);
      if (isOurs) this.tokens.set(source, renewed);
      else this.tokens.delete(source);
    }
  }

  private async ask(sources: readonly string[], attempts?: number): Promise<Map<string, string>> {
    const names = new Map(sources.map((source) => [this.nameOf(source), source]));
    const values = [[...names.keys()], this.holder, Math.round(this.ttlMs)];
    const options = { ...OBJECT, ...(attempts === undefined ? {} : { attempts }) };
    const rows = await queryRows<{ name: string; token: string | null }>(this.config, TAKE, values, options);
    const tokens = rows.flatMap(({ name, token }) => (token === null ? [] : [[names.get(name) ?? "", token] as const]));
    return new Map(tokens);
  }

  private nameOf(source: string): string {
    return `pipeline:${this.options.pipeline}:${source}`;
  }
}
