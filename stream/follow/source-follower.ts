import type { CdcError } from "../../lib/errors";
import { backoffMs, sleep } from "../../lib/retry";
import { nextLsn, type Lsn } from "../../model/lsn";
import { CaptureReader, type Poll } from "../sources/capture-reader";
import { Pace } from "../sources/pace";
import type { PlannedReads } from "../sources/planned-reads";
import { sourceRewound } from "../sources/source-problems";
import { WindowSize } from "../sources/window-size";
import type { StreamProblem } from "../stream-events";
import { Captured } from "./captured";
import { FollowTable } from "./follow-table";
import { LineKeys } from "./line-keys";
import type { Followed, FollowOptions } from "./options";
import { Patience } from "./patience";
import { FollowProblem, isWorthAnotherLook, mayPass } from "./problems";
import { snapshotChunk } from "./snapshot-lines";
import { StateClock } from "./state-clock";
import type { LineRange } from "./table-pages";
import { Teller } from "./teller";
import { windowLines, type WindowReading } from "./window-lines";

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 30_000;
const WINDOW_ROWS = 20_000;
const PAGE_ROWS = 20_000;
const NOTHING = Buffer.alloc(0);

/** Looks that a failure of reading which the next look may explain is worth. */
const LOOKS = 3;

/** A table and its reads in a window. */
interface Planned extends PlannedReads {
  readonly table: FollowTable;
}

/** Reads the changes of some tables of one source as lines of JSON, in the order of its log, on and on. */
export class SourceFollower {
  private readonly tables: readonly FollowTable[];
  private readonly reader: CaptureReader;
  private readonly reading: WindowReading;
  private readonly size: WindowSize;
  private readonly keys: LineKeys;
  private readonly tell: Teller;
  private readonly states: StateClock;
  private readonly patience: Patience;
  private position: Lsn | undefined;
  private commitTime: Date | undefined;
  private hasMoved = false;
  /** Tables were begun, or begun anew, since the last state. */
  private hasBegun = false;

  constructor(private readonly options: FollowOptions) {
    const { config, signal, state, windowRows = WINDOW_ROWS, pageRows = PAGE_ROWS, plain } = options;
    this.tell = new Teller(options.log);
    this.patience = new Patience(options, this.tell);
    this.reader = new CaptureReader(config, config, { signal });
    this.size = new WindowSize(windowRows);
    this.keys = new LineKeys(config, options.tenant, signal);
    const onPlain = (reason: string): void =>
      this.tell.warnOnce(`changes are read several times slower, by the driver's own parser: ${reason}`);
    this.reading = {
      config,
      reader: this.reader,
      signal,
      pageRows,
      onPlain,
      ...(plain === undefined ? {} : { plain }),
    };
    this.tables = options.tables.map((table) => new FollowTable(table, config.database));
    this.states = new StateClock(options, this.tables);
    this.position = state?.position;
    this.commitTime = state?.commitTime === undefined ? undefined : new Date(state.commitTime);
    for (const table of this.tables) table.load(state?.tables[table.name]);
  }

  /**
   * Ends when the signal is aborted. What may pass is tried again after a growing pause, for as long as it takes.
   * @throws CdcError of what somebody has to mend: `CDC_SOURCE_GAP`, `CDC_SOURCE_DRIFT`, `CDC_SOURCE_NO_INSTANCE`,
   *   `CDC_SOURCE_REWOUND`, rights and logins. Nothing was passed over.
   */
  async *follow(): AsyncGenerator<Followed, void> {
    const { signal, longestRetryMs = LONGEST_WAIT_MS } = this.options;
    for (let attempt = 1; !this.isStopping(); attempt += 1) {
      try {
        for await (const followed of this.turns()) {
          attempt = 1;
          yield followed;
        }
      } catch (error) {
        if (this.isStopping()) break;
        if (isWorthAnotherLook(error) && attempt <= LOOKS) continue;
        if (!mayPass(error)) throw error;
        this.tell.warn(`${error instanceof Error ? error.message : String(error)}: trying again`);
        await sleep(backoffMs(attempt, FIRST_WAIT_MS, longestRetryMs), signal).catch(() => undefined);
      }
    }
    if (this.position !== undefined && this.states.isBehind(this.position)) yield this.followed(NOTHING, 0, "now");
  }

  private isStopping(): boolean {
    return this.options.signal.aborted;
  }

  private async *turns(): AsyncGenerator<Followed, void> {
    const { signal, pollMs = {} } = this.options;
    const pace = new Pace(pollMs, signal);
    while (!this.isStopping()) {
      this.hasMoved = false;
      const poll = await this.reader.poll(this.position, this.commitTime, this.size.transactions);
      yield* this.turn(poll);
      yield* this.idleState();
      const { maxLsn } = poll;
      const isCopying = this.tables.some(({ snapshot }) => snapshot !== undefined);
      await pace.rest(this.hasMoved, isCopying || (maxLsn !== undefined && (this.position ?? maxLsn) < maxLsn));
    }
  }

  private async *turn(poll: Poll): AsyncGenerator<Followed, void> {
    const captured = new Captured(poll.instances, poll.ddl);
    const isEmpty = poll.maxLsn === undefined && this.position === undefined;
    this.patience.sawEmpty(isEmpty);
    if (isEmpty) return;
    if (poll.rewritten || this.patience.isBehindForLong(poll.behind)) throw this.rewound(poll);
    if (poll.behind) return;
    this.join(captured, poll.maxLsn);
    const { position } = this;
    if (position === undefined) return;
    yield* this.keepBeginning();
    yield* this.catchUp(captured, position);
    yield* this.copyChunk(captured);
    if (poll.windowEnd === undefined) return;
    yield* this.window(captured, position, { ...poll, windowEnd: poll.windowEnd });
  }

  /** Tables whose capture has begun are read from now on. */
  private join(captured: Captured, maxLsn: Lsn | undefined): void {
    if (maxLsn === undefined) return;
    const known = this.position;
    const starts: Lsn[] = [];
    for (const table of this.tables) {
      if (table.instance !== undefined) continue;
      const start = table.begin(captured, known ?? maxLsn);
      if (start === undefined) continue;
      if (known !== undefined && start < known) table.position = start;
      starts.push(start);
      const copied = table.snapshot === undefined ? "" : ", after a copy of its rows";
      this.tell.info(`table ${table.name} is read from LSN 0x${start} on${copied}`);
    }
    this.position ??= starts.sort()[0];
    this.hasBegun ||= starts.length > 0;
  }

  /** Moves tables that are behind the source up to it, each by itself. */
  private async *catchUp(captured: Captured, goal: Lsn): AsyncGenerator<Followed, void> {
    for (const table of this.tables) {
      if (table.position === undefined) continue;
      const poll = await this.reader.poll(table.position, undefined, this.size.transactions);
      const found = poll.windowEnd ?? goal;
      const end = found < goal ? found : goal;
      const after = table.position;
      const [plan] = this.planned([table], captured, after, end);
      yield* this.keepBeginning();
      if (plan === undefined || plan.table.position === undefined) continue;
      if (plan.stop !== undefined && plan.stop.position <= after) throw FollowProblem.of([plan.stop.problem]);
      const upTo = plan.stop?.position ?? end;
      const reads = await this.ranges([plan], captured);
      const window = { after, end: upTo, reads, guarded: plan.guarded };
      for await (const piece of windowLines(this.reading, window)) {
        table.emitted = piece.last;
        table.position = piece.completeTo ?? table.position;
        yield this.followed(piece.lines, piece.count, piece.completeTo === undefined ? "never" : "due");
      }
      table.emitted = undefined;
      table.position = upTo < goal ? upTo : undefined;
      this.switched([plan]);
      yield this.followed(NOTHING, 0, "now");
    }
  }

  /** Copies a chunk of the first table that is to be copied. */
  private async *copyChunk(captured: Captured): AsyncGenerator<Followed, void> {
    const table = this.tables.find(({ snapshot }) => snapshot !== undefined);
    const instance = table === undefined ? undefined : (captured.named(table.instance) ?? table.ownOf(captured).at(-1));
    if (table?.snapshot === undefined || instance === undefined) return;
    const shape = table.shapeOf(instance);
    const about = await this.keys.aboutOf(shape, instance, captured);
    const { config, signal, snapshotRows } = this.options;
    const rows = snapshotRows === undefined ? {} : { rows: snapshotRows };
    const chunk = await snapshotChunk({ config, signal, shape, instance, about, snapshot: table.snapshot, ...rows });
    table.snapshot = chunk.next;
    if (chunk.next === undefined) this.tell.info(`table ${table.name} is copied`);
    yield this.followed(chunk.lines, chunk.count, "now");
  }

  private async *window(
    captured: Captured,
    after: Lsn,
    poll: Pick<Poll, "windowEndTime" | "windowTransactions"> & { readonly windowEnd: Lsn },
  ): AsyncGenerator<Followed, void> {
    const tables = this.tables.filter(({ instance, position }) => instance !== undefined && position === undefined);
    const plans = this.planned(tables, captured, after, poll.windowEnd);
    yield* this.keepBeginning();
    const stops = plans.flatMap(({ stop }) => stop ?? []);
    const first = stops.map(({ position }) => position).sort()[0];
    if (first !== undefined) return yield* this.upToStop(captured, after, plans, first);
    const { windowEnd: end, windowEndTime: endTime, windowTransactions: transactions } = poll;
    yield* this.read(captured, plans, { after, end, endTime, transactions });
    this.switched(plans);
  }

  /** Whole transactions before a table has to stop; at that place it ends. */
  private async *upToStop(
    captured: Captured,
    after: Lsn,
    plans: readonly Planned[],
    first: Lsn,
  ): AsyncGenerator<Followed, void> {
    const window = first > after ? await this.reader.windowBelow(after, nextLsn(first)) : undefined;
    if (window === undefined) {
      const here = plans.flatMap(({ stop }) => (stop !== undefined && stop.position <= first ? [stop.problem] : []));
      throw FollowProblem.of(here);
    }
    const tables = plans.map(({ table }) => table);
    const shorter = this.planned(tables, captured, after, window.end);
    yield* this.keepBeginning();
    yield* this.read(captured, shorter, { after, ...window });
    this.switched(shorter);
  }

  private async *read(
    captured: Captured,
    plans: readonly Planned[],
    range: {
      readonly after: Lsn;
      readonly end: Lsn;
      readonly endTime: Date | undefined;
      readonly transactions: number;
    },
  ): AsyncGenerator<Followed, void> {
    const { after, end, endTime, transactions } = range;
    let rows = 0;
    if (transactions > 0) {
      const reads = await this.withChanges(await this.ranges(plans, captured), after, end);
      const guarded = plans.flatMap((plan) => plan.guarded);
      for await (const piece of windowLines(this.reading, { after, end, reads, guarded })) {
        rows += piece.count;
        for (const { table } of plans) table.emitted = piece.last;
        const { completeTo, time } = piece;
        if (completeTo !== undefined) this.moveTo(completeTo, completeTo === end ? endTime : time);
        yield this.followed(piece.lines, piece.count, completeTo === undefined ? "never" : "due");
      }
      this.size.saw(transactions, rows);
    }
    for (const { table } of plans) table.emitted = undefined;
    this.moveTo(end, endTime);
    if (rows > 0) yield this.followed(NOTHING, 0, "due");
  }

  private planned(tables: readonly FollowTable[], captured: Captured, after: Lsn, end: Lsn): Planned[] {
    const problems: StreamProblem[] = [];
    const plans = tables.flatMap((table): Planned[] => {
      let plan = table.plan(captured, after, end);
      if ("code" in plan && plan.code === "CDC_SOURCE_GAP" && this.copyAnew(table, captured))
        plan = table.plan(captured, after, end);
      for (const { message } of table.warnings) this.tell.warnOnce(message);
      if ("code" in plan) problems.push(plan);
      return "code" in plan ? [] : [{ table, ...plan }];
    });
    if (problems.length > 0) throw FollowProblem.of(problems);
    return plans;
  }

  /** After changes were lost: the rows of the table are copied where that is wished. */
  private copyAnew(table: FollowTable, captured: Captured): boolean {
    const newest = table.ownOf(captured).at(-1);
    const { position } = this;
    if (table.wanted.snapshot !== "when_needed" || newest === undefined || position === undefined) return false;
    this.tell.warn(`changes of table ${table.name} were lost: its rows are copied anew`);
    table.copyFrom(newest, position);
    return (this.hasBegun = true);
  }

  private async ranges(plans: readonly Planned[], captured: Captured): Promise<LineRange[]> {
    const ranges: LineRange[] = [];
    for (const { table, reads } of plans) {
      for (const read of reads) {
        const shape = table.shapeOf(read.instance);
        const about = await this.keys.aboutOf(shape, read.instance, captured);
        ranges.push({ ...read, shape, about, emitted: table.emitted });
      }
    }
    return ranges;
  }

  /** Only tables that have changes are read; few are not asked about. */
  private async withChanges(reads: readonly LineRange[], after: Lsn, end: Lsn): Promise<readonly LineRange[]> {
    if (reads.length <= 2) return reads;
    const instances = reads.map(({ instance }) => instance);
    const changed = await this.reader.changedInstances(instances, after, end);
    return reads.filter(({ instance }) => changed.has(instance.name));
  }

  private switched(plans: readonly Planned[]): void {
    for (const { table, switched } of plans) {
      if (switched === undefined) continue;
      table.readThrough(switched);
      this.tell.info(`table ${table.name} is read through capture instance ${switched.name}`);
    }
  }

  private moveTo(position: Lsn, time: Date | undefined): void {
    this.position = position;
    this.commitTime = time;
  }

  private followed(lines: Buffer, count: number, state: "now" | "due" | "never"): Followed {
    this.hasMoved = true;
    this.states.gaveOut(lines);
    const { position, commitTime } = this;
    const isDue = state === "now" || (state === "due" && this.states.isDue("lines"));
    if (position === undefined || !isDue) return { lines, count };
    return { lines, count, state: this.states.make(position, commitTime) };
  }

  /**
   * Where tables begin is kept before any of their rows: a run that began later would miss the deletion of rows that
   * were given out.
   */
  private *keepBeginning(): Generator<Followed> {
    if (!this.hasBegun) return;
    this.hasBegun = false;
    yield { ...this.followed(NOTHING, 0, "now"), keep: true };
  }

  /** A quiet source moves its position, too: what it has cleaned up meanwhile is no gap. */
  private *idleState(): Generator<Followed> {
    const { position, commitTime, states } = this;
    if (position === undefined || !states.isBehind(position) || !states.isDue()) return;
    yield { lines: NOTHING, count: 0, state: states.make(position, commitTime) };
  }

  private rewound({ maxLsn }: Poll): CdcError {
    const hint =
      "Positions mean something else now: let the outputs forget theirs, then remove the stored state, so that reading begins anew.";
    return sourceRewound(this.options.source, this.position ?? maxLsn ?? ("" as Lsn), maxLsn, hint);
  }
}
