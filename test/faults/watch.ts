import { setTimeout as sleep } from "node:timers/promises";
import type { SinkSide } from "./sink-side";
import type { SourceSide, TenantSource } from "./source-side";

/** What a reader of the sink saw of a customer, in one snapshot. */
interface Sight {
  readonly place: number;
  /** Number on either page, null when the page isn't there. */
  readonly left: number | null;
  readonly right: number | null;
  /** LSNs of their rows, and up to which the source is said to be in the sink. */
  readonly left_lsn: string;
  readonly right_lsn: string;
  readonly position: string;
  /** True when a page was copied and has had no change since. */
  readonly is_copy: boolean | null;
}

const PAUSE_MS = 20;

/** Reads both pages of every customer again and again, beside the streams. */
export class Watch {
  /** Reads that tell something. */
  reads = 0;
  readonly torn: string[] = [];
  readonly lost: string[] = [];
  private readonly sights = new Map<TenantSource, Sight[]>();
  private readonly numbers = new Map<TenantSource, Map<string, number>>();
  private readonly lenient = new Set<TenantSource>();
  private stopping = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly side: SourceSide,
    private readonly sink: SinkSide,
    private readonly sources: readonly TenantSource[],
    /** Nothing is copied while it looks: every sight counts. */
    private readonly isStrict: boolean,
  ) {}

  start(): void {
    this.running = this.watch();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.running;
  }

  /** From now on the source's LSNs say nothing about what was before. */
  forget(source: TenantSource): void {
    this.lenient.add(source);
  }

  /**
   * Compares what was seen with what was committed up to the position that was told with it. To be called before the
   * change tables lose rows, and at the end.
   */
  async judge(source: TenantSource): Promise<void> {
    const sights = this.sights.get(source) ?? [];
    this.sights.set(source, []);
    const numbers = this.numbers.get(source) ?? new Map<string, number>();
    this.numbers.set(source, numbers);
    if (this.lenient.has(source)) return;
    for (const { lsn, number } of await this.side.log(source)) numbers.set(lsn, number);
    const log = [...numbers].sort(([one], [other]) => (one < other ? -1 : 1));
    for (const { left, position } of sights) {
      const number = log.findLast(([lsn]) => lsn <= position)?.[1];
      if (number === undefined || (left ?? -1) >= number) continue;
      const text = `${source.tenant}: position ${position} tells of transaction ${String(number)}, the page of ${String(left)}`;
      this.lost.push(text);
    }
  }

  private async watch(): Promise<void> {
    const sql = sightSql(this.sources);
    const name = `sights of ${this.sources.map(({ tenant }) => tenant).join(", ")}`;
    while (!this.isStopping()) {
      try {
        for (const sight of await this.sink.ask<Sight>(name, sql)) this.note(sight);
      } catch {
        // The server is away for a while.
      }
      await sleep(PAUSE_MS);
    }
  }

  private note(sight: Sight): void {
    const source = this.sources[sight.place];
    if (source === undefined) return;
    const { left, right, left_lsn, right_lsn, position, is_copy } = sight;
    // A page that was copied may be ahead of the stream, until that comes by.
    if (!this.isStrict && (is_copy === true || left_lsn > position || right_lsn > position)) return;
    this.reads += 1;
    if (left !== right) this.torn.push(`${source.tenant} at ${position}: ${String(left)} and ${String(right)}`);
    const sights = this.sights.get(source) ?? [];
    this.sights.set(source, sights);
    const last = sights.at(-1);
    if (last?.position !== position || last.left !== left) sights.push(sight);
  }

  // Not narrowed by the loop's condition: it changes meanwhile.
  private isStopping(): boolean {
    return this.stopping;
  }
}

/** Pages of those customers whose pages are streamed both. */
function sightSql(sources: readonly TenantSource[]): string {
  const one = ({ tenant, database }: TenantSource, place: number): string =>
    `SELECT ${String(place)} AS place, l.n AS left, r.n AS right, coalesce(encode(substr(l.__cdc_position, 1, 10), 'hex'), '') AS left_lsn,
      coalesce(encode(substr(r.__cdc_position, 1, 10), 'hex'), '') AS right_lsn, encode(s.position, 'hex') AS position,
      'Read' IN (l.__cdc_operation, r.__cdc_operation) AS is_copy
    FROM cdc_management.sources AS s LEFT JOIN ${tenant}.left_page AS l ON l.id = 1 LEFT JOIN ${tenant}.right_page AS r ON r.id = 1
    WHERE s.source = 'erp/${database}' AND 2 = (
      SELECT count(*) FROM cdc_management.source_tables AS t
      WHERE t.source = s.source AND t.table_name IN ('left_page', 'right_page') AND t.state = 'streaming'
    )`;
  return sources.map(one).join("\nUNION ALL\n");
}
