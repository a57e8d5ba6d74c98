import type { MsSqlConfig } from "../../databases/sqlserver/config";
import { CdcError } from "../../lib/errors";
import type { Lsn } from "../../model/lsn";
import type { TableShape } from "../../model/table-shape";
import type { SnapshotMode, SourceTopology } from "../../model/topology";
import type { SourceLeases } from "../leases/source-leases";
import type { Writers } from "../sinks/writers";
import { shapesOfSource } from "../sources/shapes-of-source";
import type { SourceProgress, StreamEvent, StreamProblem } from "../stream-events";
import type { StreamOptions } from "./options";
import type { Rates } from "./rates";
import { plainProblem, type SourcePlace, type StoredSource, type TableChange } from "./state-store";
import type { StreamStep } from "./steps";
import { TableRun } from "./table-run";
import type { Turns } from "./turns";
import type { WindowSink } from "./write-window";

/** What all sources of a stream share. */
export interface Shared {
  readonly options: StreamOptions;
  readonly writers: Writers;
  readonly leases: SourceLeases;
  readonly rates: Rates;
  /** Aborted some time after the options' signal: what is under way then is given up. */
  readonly hardStop: AbortSignal;
  /** Waits for a turn to run a snapshot; gives it back. */
  readonly snapshotTurns: Pick<Turns, "use">;
}

/** One source database: what is known of it and of its tables, shared by those who move it on. */
export class SourceState implements WindowSink {
  readonly place: SourcePlace;
  readonly tables = new Map<string, TableRun>();
  state: SourceProgress["state"] = "starting";
  /** Every change at or before it is in the sink, but for tables that have a place of their own. */
  position: Lsn | undefined;
  commitTime: Date | undefined;
  maxLsn: Lsn | undefined;
  /** Commit time of the oldest captured change that was not read yet, as far as known. */
  oldestUnread: Date | undefined;
  /** Commit time of the oldest change on its way to the sink. */
  oldestUnderWay: Date | undefined;
  /** When the source last answered, in milliseconds since 1970. */
  lookedAt: number | undefined;
  events = 0;
  transactions = 0;
  commits = 0;
  problem: StreamProblem | undefined;
  /** The problem that the sink was told, until it is told that all is well. */
  noted: string | undefined;
  /** Shapes that were deployed meanwhile. */
  newShapes: readonly TableShape[] | undefined;

  constructor(
    readonly shared: Shared,
    public topology: SourceTopology,
  ) {
    const { pipeline, serverName } = shared.options;
    this.place = { pipeline, source: `${serverName(topology.connection)}/${topology.database}` };
  }

  get name(): string {
    return this.place.source;
  }

  get writers(): Writers {
    return this.shared.writers;
  }

  isStopping(): boolean {
    return this.shared.options.signal.aborted;
  }

  /** @throws CdcError when the settings of the connection are wrong. */
  config(): MsSqlConfig {
    return this.shared.options.sourceConfig(this.topology.connection, this.topology.database);
  }

  token(): string {
    const token = this.shared.leases.tokenOf(this.name);
    if (token !== undefined) return token;
    throw new CdcError("CDC_LEASE_LOST", `source ${this.name}: another process has taken it over`, {
      hint: "Let the other process work; this one takes over again when that one ends.",
    });
  }

  async step(step: StreamStep, table?: TableRun): Promise<void> {
    const { onStep } = this.shared.options;
    if (onStep === undefined) return;
    await onStep(step, { source: this.name, ...(table === undefined ? {} : { table: table.name }) });
  }

  event(event: Omit<StreamEvent, "source" | "table" | "tenant">, table?: TableRun): void {
    const about = table === undefined ? {} : { table: table.name };
    const tenant = table?.shape.tenant === undefined ? {} : { tenant: table.shape.tenant };
    this.shared.options.onEvent?.({ ...event, source: this.name, ...about, ...tenant });
  }

  /** Takes what the sink knows. */
  load(stored: StoredSource, shapes: readonly TableShape[]): void {
    this.position = stored.position;
    this.commitTime = stored.commitTime;
    this.events = stored.events;
    this.transactions = stored.transactions;
    this.noted = stored.problem?.message;
    this.takeShapes(shapes);
    for (const table of this.tables.values()) table.load(stored.tables.get(table.name));
  }

  /**
   * Takes the deployed tables: new ones join, those that are gone leave.
   * @throws CdcError `CDC_SOURCE_TENANT_UNKNOWN`.
   */
  takeShapes(shapes: readonly TableShape[]): void {
    const own = shapesOfSource(shapes, this.topology);
    const names = new Set(own.map(({ schema, table }) => `${schema}.${table}`));
    for (const name of [...this.tables.keys()]) if (!names.has(name)) this.tables.delete(name);
    for (const shape of own) {
      const name = `${shape.schema}.${shape.table}`;
      const known = this.tables.get(name);
      if (known === undefined) this.tables.set(name, new TableRun(shape, this.modeOf(shape)));
      else {
        known.mode = this.modeOf(shape);
        if (JSON.stringify(known.shape) !== JSON.stringify(shape)) known.shape = shape;
      }
    }
  }

  /** Tables by name of the sink, the order in which windows merge. */
  sorted(): TableRun[] {
    return [...this.tables.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  apply(changes: readonly TableChange[]): void {
    for (const change of changes) this.tables.get(`${change.schema}.${change.table}`)?.apply(change);
  }

  progress(now = Date.now()): SourceProgress {
    const { position, maxLsn, problem } = this;
    return {
      source: this.name,
      tenants: this.topology.tenants,
      state: this.state,
      ...(position === undefined ? {} : { position }),
      ...(maxLsn === undefined ? {} : { maxLsn }),
      ...this.lag(now),
      events: this.events,
      transactions: this.transactions,
      commits: this.commits,
      ...(problem === undefined ? {} : { problem: plainProblem(problem) }),
    };
  }

  // Clocks differ: no change is younger than nothing. Whatever came since a source fell silent is not known.
  private lag(now: number): { lagMs?: number } {
    if (this.lookedAt === undefined) return {};
    const silence = this.state === "retrying" || this.state === "stopped" ? now - this.lookedAt : 0;
    const oldest = this.oldestUnderWay ?? this.oldestUnread;
    return { lagMs: Math.max(0, silence, oldest === undefined ? 0 : now - oldest.getTime()) };
  }

  private modeOf({ source }: TableShape): SnapshotMode {
    const { snapshot } = this.shared.options;
    const table = this.topology.tables.find((one) => one.schema === source.schema && one.table === source.table);
    return snapshot ?? table?.snapshot ?? "initial";
  }
}
