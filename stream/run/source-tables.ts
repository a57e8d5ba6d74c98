import { laterLsn, previousLsn, type Lsn } from "../../model/lsn";
import type { CaptureInstance } from "../sources/capture-instance";
import type { StreamProblem } from "../stream-events";
import { removeDrained } from "./drained-instance";
import { adoption, isCurrent, liveColumns, routeOf, type Captured } from "./routes";
import type { SourceState } from "./source-state";
import { plainProblem, type TableChange } from "./state-store";
import type { Route, TableRun } from "./table-run";
import { hasMoved, writeRewound, writeState } from "./write-window";

/** Problems that only a deployment, a setting or the source's owner ends: nothing is gained by trying again. */
const LASTING = new Set(["CDC_SOURCE_GAP", "CDC_SOURCE_REWOUND", "CDC_SOURCE_DRIFT", "CDC_TRANSFORM_UNSUPPORTED"]);
/** Problems after which the rows must be copied anew. */
const LOST = new Set(["CDC_SOURCE_GAP", "CDC_SOURCE_REWOUND"]);
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

/** Through what a table is read that wasn't read yet: the instance that comes first, and the newest one. */
interface FirstRead {
  readonly first: CaptureInstance;
  readonly newest: CaptureInstance;
}

/** Decides which tables of a source are streamed, and how each is read. */
export class SourceTables {
  private captured: Captured | undefined;

  constructor(
    private readonly state: SourceState,
    /** Waits until nothing is under way to the sink, which then knows the position. */
    private readonly settled: () => Promise<void>,
  ) {}

  /**
   * Looks at every table after a poll: new ones join, those that can't be read on stop, stopped ones go on when they can.
   * Cheap while nothing has changed.
   * @param readTo Everything at or before it was read.
   */
  async settle(captured: Captured, readTo: Lsn): Promise<void> {
    const isNew = captured.ddl !== this.captured?.ddl;
    this.captured = captured;
    for (const table of this.state.sorted()) {
      if (table.isStreamed) await this.settleStreamed(table, captured, readTo);
      else if (table.state === "waiting") await this.join(table, captured, isNew);
      else if (table.state === "stopped") await this.resume(table, captured, isNew);
      else await this.settleCatchingUp(table, captured);
    }
    // Those that have just moved to another instance are read in the next window already.
    for (const table of this.state.sorted()) {
      if (table.isStreamed && table.route === undefined) await this.settleStreamed(table, captured, readTo);
    }
  }

  /** Stops a table at its place; the others go on. Only when nothing of it is under way. */
  async stop(table: TableRun, position: Lsn, problem: StreamProblem): Promise<void> {
    await table.endSnapshot();
    const change = table.change({ state: "stopped", position, problem: plainProblem(problem) });
    await this.write([change]);
    await this.stopped(table);
  }

  /** After the sink knows that a table is stopped. */
  async stopped(table: TableRun): Promise<void> {
    const { problem } = table;
    await table.endSnapshot();
    table.route = undefined;
    table.triedShape = table.shape;
    table.retries += 1;
    const pause = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (table.retries - 1));
    const isLasting = LASTING.has(problem?.code ?? "");
    table.retryAt = isLasting ? (this.mayHeal(table) ? 0 : undefined) : Date.now() + pause;
    const text = `table ${table.name} is stopped: ${problem?.message ?? ""}`;
    this.state.event({ level: "error", event: "table.stopped", text, details: { code: problem?.code ?? "" } }, table);
    await this.state.step("tableStopped", table);
  }

  /** Writes table states and takes them over. */
  async write(changes: readonly TableChange[]): Promise<void> {
    if (changes.length === 0) return;
    await writeState(this.state, undefined, changes);
    this.state.apply(changes);
  }

  /** What joins at the position: a table whose rows are to be copied, or one whose changes are enough. */
  joining(table: TableRun, { first, newest }: FirstRead, position: Lsn): TableChange {
    const base = { instance: first.name, columns: liveColumns(table.shape, first), problem: null };
    const snapshot = { joinedAt: this.copiedFrom(first, position), from: first.startLsn, rows: 0, deleted: 0 };
    if (table.mode !== "never")
      return table.change({ ...base, state: "snapshot", position: null, snapshot: { ...snapshot, phase: "rows" } });
    const start = previousLsn(newest.startLsn);
    if (start >= position)
      return table.change({ ...base, state: "streaming", position: null, snapshot: { ...snapshot, phase: "done" } });
    const later = { instance: newest.name, columns: liveColumns(table.shape, newest) };
    return table.change({ ...base, ...later, state: "catching_up", position: start });
  }

  // What an earlier copy put at the position itself, and vanished in what was lost since, must count as unseen.
  private copiedFrom({ startLsn }: CaptureInstance, position: Lsn): Lsn {
    const lost = previousLsn(startLsn);
    const { maxLsn } = this.state;
    return maxLsn === undefined || lost > maxLsn ? position : laterLsn(position, lost);
  }

  /**
   * The source's history was rewritten, and begins anew for us at the position: tables are copied anew where that is
   * wished, the others stop.
   */
  async rewound(captured: Captured, position: Lsn, problem: StreamProblem): Promise<void> {
    const { state } = this;
    const tables = state.sorted().filter((table) => table.isKnown && table.state !== "waiting");
    await Promise.all(tables.map((table) => table.endSnapshot()));
    const reads = tables.flatMap((table) => {
      const read = this.mayHeal(table) ? this.readAnew(table, captured, position) : undefined;
      return read === undefined ? [] : [{ table, read }];
    });
    const anew = reads.map(({ table }) => table);
    const stopped = tables.filter((table) => !anew.includes(table));
    const changes = [
      ...reads.map(({ table, read }) => this.joining(table, read, position)),
      ...stopped.map((table) => table.change({ state: "stopped", position, problem: plainProblem(problem) })),
    ];
    await writeRewound(state, { position, seen: position, rewound: true }, changes, anew);
    state.position = position;
    state.commitTime = undefined;
    state.apply(changes);
    for (const table of anew) table.route = undefined;
    for (const table of stopped) await this.stopped(table);
    const text = `source ${state.name}: its history was rewritten; ${String(anew.length)} tables are copied anew, ${String(stopped.length)} are stopped`;
    state.event({ level: "error", event: "source.rewound", text, details: { position } });
  }

  /** How a table would be read that wasn't read yet. */
  private readAnew(table: TableRun, captured: Captured, position: Lsn): FirstRead | undefined {
    const { instance, snapshot } = table;
    table.instance = undefined;
    table.snapshot = undefined;
    const route = routeOf(table, captured, position);
    table.instance = instance;
    table.snapshot = snapshot;
    return isRoute(route) ? firstRead(route, captured) : undefined;
  }

  private async settleStreamed(table: TableRun, captured: Captured, readTo: Lsn): Promise<void> {
    if (!isCurrent(table, captured, readTo)) {
      const route = routeOf(table, captured, readTo);
      if (!isRoute(route)) {
        await this.settled();
        return this.stop(table, readTo, route);
      }
      this.follow(table, route);
    }
    await this.adopt(table, captured, readTo);
  }

  private async settleCatchingUp(table: TableRun, captured: Captured): Promise<void> {
    const place = table.position;
    if (place === undefined || isCurrent(table, captured, place)) return;
    const route = routeOf(table, captured, place);
    if (!isRoute(route)) return this.stop(table, place, route);
    this.follow(table, route);
    await this.adopt(table, captured, place);
  }

  /** Notes from when on a table is read through its instance, once there is no LSN before it that could be asked for. */
  private async adopt(table: TableRun, captured: Captured, readTo: Lsn): Promise<void> {
    const use = captured.instances.find(({ name }) => name === table.route?.use);
    if (use === undefined || previousLsn(use.startLsn) > readTo) return;
    const change = adoption(table, use, readTo);
    if (change === undefined) return;
    await this.settled();
    if (change.snapshot !== undefined) await table.endSnapshot();
    const before = table.instance;
    await this.write([change]);
    if (before === undefined || before === use.name) return;
    await this.switched(table, use);
    const old = captured.instances.find(({ name }) => name === before);
    if (old !== undefined) await removeDrained(this.state, table, old, use);
  }

  /** After the sink knows that a table is read through another instance. */
  async switched(table: TableRun, use: CaptureInstance): Promise<void> {
    const text = `table ${table.name} is read through capture instance ${use.name}`;
    this.state.event({ level: "info", event: "instance.switched", text, details: { instance: use.name } }, table);
    table.route = undefined;
    await this.state.step("instanceSwitched", table);
  }

  private async join(table: TableRun, captured: Captured, isNew: boolean): Promise<void> {
    if (!isNew && table.triedShape === table.shape) return;
    const { position } = this.state;
    if (position === undefined) return;
    table.triedShape = table.shape;
    const route = routeOf(table, captured, position);
    if (!isRoute(route)) {
      if (table.problem?.message === route.message) return;
      return this.write([table.change({ state: "waiting", problem: plainProblem(route) })]);
    }
    await this.settled();
    await this.begin(table, route, captured);
  }

  private async begin(table: TableRun, route: Route, captured: Captured): Promise<void> {
    const read = firstRead(route, captured);
    const { position } = this.state;
    if (read === undefined || position === undefined) return;
    const changes = [this.joining(table, read, position)];
    // Positions of another database say nothing about this one.
    const anew = (await hasMoved(this.state, table)) ? [table] : [];
    await writeRewound(this.state, undefined, changes, anew);
    this.state.apply(changes);
    this.follow(table, route);
    this.state.event({ level: "info", event: "table.joined", text: `table ${table.name} is streamed` }, table);
  }

  private async resume(table: TableRun, captured: Captured, isNew: boolean): Promise<void> {
    const isDue = table.retryAt !== undefined && table.retryAt <= Date.now();
    if (!isNew && !isDue && table.triedShape === table.shape) return;
    table.retryAt = undefined;
    table.triedShape = table.shape;
    const code = table.problem?.code ?? "";
    const place = table.position ?? this.state.position;
    if (place === undefined) return;
    if (LOST.has(code) && this.mayHeal(table)) return this.heal(table, captured);
    if (code === "CDC_SOURCE_REWOUND") return;
    const route = routeOf(table, captured, place);
    if (!isRoute(route)) return this.stillStopped(table, captured, route);
    // The definition changed right behind its place: there is nothing more that it may read.
    const at = route.drift.stop?.at;
    if (at !== undefined && previousLsn(at) <= place) return;
    await this.settled();
    await this.write([table.change({ state: "catching_up", position: place, problem: null })]);
    this.follow(table, route);
    this.state.event({ level: "info", event: "table.resumed", text: `table ${table.name} goes on` }, table);
  }

  private async stillStopped(table: TableRun, captured: Captured, problem: StreamProblem): Promise<void> {
    if (LOST.has(problem.code) && this.mayHeal(table)) return this.heal(table, captured);
    if (table.problem?.message === problem.message) return;
    await this.write([table.change({ problem: plainProblem(problem) })]);
  }

  /** The rows are copied anew, and what vanished is deleted. */
  private async heal(table: TableRun, captured: Captured): Promise<void> {
    await this.settled();
    await table.endSnapshot();
    const { position } = this.state;
    const read = position === undefined ? undefined : this.readAnew(table, captured, position);
    if (position === undefined || read === undefined) return;
    const changes = [this.joining(table, read, position)];
    const isRewound = table.problem?.code === "CDC_SOURCE_REWOUND";
    await writeRewound(this.state, undefined, changes, isRewound ? [table] : []);
    this.state.apply(changes);
    table.route = undefined;
    this.state.event({ level: "info", event: "table.joined", text: `table ${table.name} is copied anew` }, table);
  }

  private mayHeal(table: TableRun): boolean {
    return table.mode === "when_needed";
  }

  private follow(table: TableRun, route: Route): void {
    table.route = route;
    for (const warning of route.drift.warnings) {
      if (table.told.has(warning.message)) continue;
      table.told.add(warning.message);
      this.state.event({ level: "warn", event: "table.drift", text: warning.message }, table);
    }
  }
}

function firstRead(route: Route, { instances }: Captured): FirstRead | undefined {
  const first = instances.find(({ name }) => name === route.use);
  return first === undefined ? undefined : { first, newest: route.next ?? first };
}

function isRoute(route: Route | StreamProblem): route is Route {
  return "use" in route;
}
