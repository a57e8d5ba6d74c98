import { Session } from "../sinks/session";
import { readShapes } from "../sinks/postgres";
import { SourceLeases } from "../sinks/source-leases";
import { Writers } from "../sinks/writers";
import type { TableShape } from "../../model/table-shape";
import type { StreamStatus } from "../stream-events";
import type { StreamOptions, StreamResult, StreamRun } from "./options";
import { Rates } from "./rates";
import { SourceRun } from "./source-run";
import { SourceState, type Shared } from "./source-state";
import { Turns } from "./turns";

const WRITERS = 4;
const SNAPSHOTS = 2;
const STOP_MS = 3_000;
const ALL_ROOM = 48 * 1024 * 1024;
const MOST_ROOM = 8 * 1024 * 1024;

/** Moves the changes of all sources of a topology into one sink. Can be run once. */
export class Stream implements StreamRun {
  private readonly rates = new Rates();
  private sources: readonly SourceState[] = [];
  private shapes: readonly TableShape[] = [];

  constructor(private readonly options: StreamOptions) {}

  async run(): Promise<StreamResult> {
    const { options } = this;
    const started = Date.now();
    const session = new Session(options.sink);
    const hardStop = new AbortController();
    const writers = new Writers(options.sink, options.writers ?? WRITERS);
    const timer = { current: undefined as NodeJS.Timeout | undefined };
    options.signal.addEventListener("abort", () => {
      timer.current = setTimeout(() => {
        hardStop.abort(new Error("the stream was stopped"));
        writers.cut();
      }, STOP_MS);
    });
    let leases: SourceLeases | undefined;
    try {
      this.shapes = await readShapes(session);
      leases = new SourceLeases(options.sink, this.leaseOptions());
      await this.runSources({
        options,
        writers,
        leases,
        rates: this.rates,
        hardStop: hardStop.signal,
        snapshotTurns: new Turns(SNAPSHOTS),
      });
    } finally {
      clearTimeout(timer.current);
      await leases?.close();
      await writers.close();
      await session.close();
    }
    return {
      status: this.status(),
      interrupted: options.signal.aborted,
      healthy: this.isHealthy(),
      durationMs: Date.now() - started,
    };
  }

  status(): StreamStatus {
    const now = Date.now();
    return {
      pipeline: this.options.pipeline,
      sources: this.sources.map((source) => source.progress(now)),
      tables: this.sources.flatMap((source) => source.sorted().map((table) => table.progress(source.name))),
      eventsPerSecond: this.rates.perSecond(now),
    };
  }

  private async runSources(shared: Shared): Promise<void> {
    const { topology } = this.options;
    this.sources = topology.sources.map((source) => new SourceState(shared, source));
    const room = Math.min(MOST_ROOM, Math.floor(ALL_ROOM / Math.max(1, this.sources.length)));
    await Promise.all(this.sources.map((state) => SourceRun.run(state, { shapes: () => this.shapes, room })));
  }

  private leaseOptions() {
    const { pipeline, holder, leaseTtlMs } = this.options;
    return {
      pipeline,
      ...(holder === undefined ? {} : { holder }),
      ...(leaseTtlMs === undefined ? {} : { ttlMs: leaseTtlMs }),
    };
  }

  private isHealthy(): boolean {
    const { sources, tables } = this.status();
    const isFine = sources.every(({ state }) => state === "streaming" || state === "idle");
    return isFine && tables.every(({ state }) => state === "streaming" || state === "snapshot");
  }
}
