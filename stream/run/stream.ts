import { setMaxListeners } from "node:events";
import type { TableShape } from "../../model/table-shape";
import type { SourceTopology } from "../../model/topology";
import { Session } from "../sinks/session";
import { SourceLeases } from "../leases/source-leases";
import { Writers } from "../sinks/writers";
import type { StreamStatus } from "../stream-events";
import { DeploymentWatch } from "./deployment-watch";
import type { StreamOptions, StreamResult, StreamRun } from "./options";
import { Rates } from "./rates";
import { SourceRun } from "./source-run";
import { SourceState, type Shared } from "./source-state";
import { Turns } from "./turns";

const WRITERS = 4;
/** Snapshots at once. */
const SNAPSHOTS = 2;
/** What is under way when the stream is told to stop may take so long. */
const STOP_MS = 3_000;
const ALL_ROOM = 48 * 1024 * 1024;
const MOST_ROOM = 8 * 1024 * 1024;

/** Moves the changes of all sources of a topology into one sink. Can be run once. */
export class Stream implements StreamRun {
  private readonly shared: Shared;
  private readonly hardStop = new AbortController();
  private readonly ended = new AbortController();
  private readonly watch: DeploymentWatch;
  private readonly session: Session;
  private readonly sources = new Map<string, SourceState>();
  private readonly runs: Promise<void>[] = [];
  private shapes: readonly TableShape[] = [];
  private room = MOST_ROOM;

  constructor(private readonly options: StreamOptions) {
    const { pipeline, holder, leaseTtlMs, sink, writers = WRITERS } = options;
    const lease = {
      ...(holder === undefined ? {} : { holder }),
      ...(leaseTtlMs === undefined ? {} : { ttlMs: leaseTtlMs }),
    };
    // Each source waits for them: more than ten are no leak.
    setMaxListeners(0, options.signal, this.hardStop.signal);
    this.session = new Session(sink);
    this.watch = new DeploymentWatch(this.session, (shapes) => this.redeployed(shapes));
    this.shared = {
      options,
      writers: new Writers(sink, writers),
      leases: new SourceLeases(sink, { pipeline, ...lease }),
      rates: new Rates(),
      hardStop: this.hardStop.signal,
      snapshotTurns: new Turns(SNAPSHOTS),
    };
  }

  async run(): Promise<StreamResult> {
    const started = Date.now();
    const { signal, topology } = this.options;
    let timer: NodeJS.Timeout | undefined;
    const stop = (): void => {
      timer = setTimeout(() => {
        this.hardStop.abort(new Error("the stream was stopped"));
        this.shared.writers.cut();
      }, STOP_MS);
    };
    signal.addEventListener("abort", stop, { signal: this.ended.signal });
    if (signal.aborted) stop();
    try {
      this.shapes = await this.watch.read();
      this.room = Math.min(MOST_ROOM, Math.floor(ALL_ROOM / Math.max(1, topology.sources.length)));
      for (const source of topology.sources) this.begin(source);
      void this.watch.run(AbortSignal.any([signal, this.ended.signal]));
      // Sources may join meanwhile.
      for (let count = -1; count !== this.runs.length;) {
        count = this.runs.length;
        await Promise.all(this.runs);
      }
    } finally {
      this.ended.abort();
      clearTimeout(timer);
      await this.close();
    }
    return {
      status: this.status(),
      interrupted: signal.aborted,
      healthy: this.isHealthy(),
      durationMs: Date.now() - started,
    };
  }

  status(): StreamStatus {
    const now = Date.now();
    const sources = [...this.sources.values()];
    return {
      pipeline: this.options.pipeline,
      sources: sources.map((source) => source.progress(now)),
      tables: sources.flatMap((source) => source.sorted().map((table) => table.progress(source.name))),
      eventsPerSecond: this.shared.rates.perSecond(now),
    };
  }

  private begin(source: SourceTopology): void {
    const state = new SourceState(this.shared, source);
    if (this.sources.has(state.name)) return;
    this.sources.set(state.name, state);
    this.runs.push(SourceRun.run(state, { shapes: () => this.shapes, room: this.room }));
  }

  /** Tables that were deployed meanwhile join, others leave; so do sources. */
  private async redeployed(shapes: readonly TableShape[]): Promise<void> {
    const { options } = this;
    this.shapes = shapes;
    const topology = (await options.readTopology?.()) ?? options.topology;
    options.onEvent?.({ level: "info", event: "stream.redeployed", text: "the deployed tables have changed" });
    const isOf = (state: SourceState) => (source: SourceTopology) =>
      source.connection === state.topology.connection && source.database === state.topology.database;
    for (const state of this.sources.values()) {
      state.topology = topology.sources.find(isOf(state)) ?? { ...state.topology, tables: [] };
      state.newShapes = shapes;
    }
    for (const source of topology.sources) if (!this.options.signal.aborted) this.begin(source);
  }

  private async close(): Promise<void> {
    const { leases, writers } = this.shared;
    for (const state of this.sources.values()) await state.step("closing");
    await leases.close();
    await writers.close();
    await this.session.close();
  }

  private isHealthy(): boolean {
    const { sources, tables } = this.status();
    const isFine = sources.every(({ state }) => state === "streaming" || state === "idle");
    const isMoving = tables.every(({ state }) => state === "streaming" || state === "snapshot");
    return isFine && isMoving && tables.every(({ problem }) => problem === undefined);
  }
}
