import type { Lsn } from "../../model/lsn";
import type { CaptureInstance } from "../sources/capture-instance";
import type { CaptureReader, Poll } from "../sources/capture-reader";
import { isOfOneTable } from "./failures";
import { readsOf, type PlannedRead } from "./routes";
import type { SourceState } from "./source-state";
import { plainProblem, type TableChange } from "./state-store";
import type { TableRun } from "./table-run";
import type { TableRead, Window, WindowCounts } from "./window";
import { WindowFeed, type FeedSource } from "./window-feed";
import { WindowSize } from "../sources/window-size";
import { writeState, writeWindow } from "./write-window";

/** What is told when a window is in the sink. */
export interface WindowListener {
  stopped(table: TableRun): Promise<void>;
  switched(table: TableRun, use: CaptureInstance): Promise<void>;
}

interface PlannedTable extends PlannedRead {
  readonly table: TableRun;
}

/** A quiet source's position is written this often. */
const IDLE_RECORD_MS = 30_000;

/** Moves a source on, window by window: while one is written, the next is read. */
export class SourceWindows {
  readonly size: WindowSize;
  /** Everything at or before it was read. */
  readTo: Lsn | undefined;
  readTime: Date | undefined;
  /** Windows up to it are done row by row. */
  carefulTo: Lsn | undefined;
  private pending: Promise<void> | undefined;
  private feed: WindowFeed | undefined;
  // Told at the first look, so that nobody thinks the source was forgotten.
  private recordedAt = 0;
  private recordedPosition: Lsn | undefined;

  constructor(
    private readonly state: SourceState,
    private readonly source: FeedSource & { readonly reader: CaptureReader },
    private readonly listener: WindowListener,
  ) {
    this.size = new WindowSize(state.shared.options.windowRows);
    this.readTo = state.position;
    this.readTime = state.commitTime;
    this.recordedPosition = state.position;
  }

  /** Reads the window that a poll found, and begins to write it. @throws StreamFailure, also of the window before. */
  async advance(poll: Poll, after: Lsn, end: Lsn): Promise<void> {
    const streamed = this.state.sorted().filter((table) => table.isStreamed);
    const plans = this.plan(streamed, poll, after, end);
    const planned = new Set(plans.map(({ table }) => table));
    const forgotten = streamed.find((table) => !planned.has(table));
    // The position would pass its changes.
    if (forgotten !== undefined) throw new Error(`table ${forgotten.name} is streamed, and nothing tells through what`);
    const reads = await this.withChanges(plans, poll, after, end);
    const window: Window = {
      after,
      end,
      endTime: poll.windowEndTime,
      oldest: poll.oldestPendingTime,
      transactions: poll.windowTransactions,
      reads,
      guarded: poll.windowTransactions === 0 ? [] : plans.flatMap(({ guarded }) => guarded),
      changes: plans.flatMap(stopChange),
      careful: this.carefulTo !== undefined && after < this.carefulTo,
    };
    await this.run(window, plans);
    this.readTo = end;
    this.readTime = poll.windowEndTime ?? this.readTime;
    // The next window must know which tables have stopped, and where.
    if (plans.some(({ stop, switched }) => stop !== undefined || switched !== undefined)) await this.drain();
  }

  /** Moves a table that is behind the source on by a window of its own. Nothing else is under way then. */
  async catchUp(table: TableRun): Promise<void> {
    await this.settle();
    const after = table.position;
    const goal = this.state.position;
    if (after === undefined || goal === undefined) return;
    const poll = await this.source.reader.poll(after, undefined, this.size.transactions);
    const found = poll.windowEnd ?? goal;
    const end = found < goal ? found : goal;
    const [plan] = this.plan([table], poll, after, end);
    if (plan === undefined) return;
    const changes = plan.stop === undefined ? [caughtUpTo(table, end, goal)] : stopChange(plan);
    const base = { after, end, endTime: undefined, oldest: undefined, transactions: 0, alone: table };
    const careful = this.carefulTo !== undefined && after < this.carefulTo;
    await this.run({ ...base, reads: plan.reads, guarded: plan.guarded, changes, careful }, [plan]);
    await this.drain();
  }

  /** Waits until nothing is under way to the sink. @throws StreamFailure of what was. */
  async drain(): Promise<void> {
    const { pending } = this;
    this.pending = undefined;
    await pending;
  }

  /** End of the window that is under way or was last. */
  failedTo(): Lsn | undefined {
    return this.feed?.window.end;
  }

  /** Gives up what is under way, so that reading begins again behind what is in the sink. */
  async reset(): Promise<void> {
    this.feed?.abort();
    await this.drain().catch(() => undefined);
    this.state.oldestUnderWay = undefined;
    this.readTo = this.state.position;
    this.readTime = this.state.commitTime;
  }

  /** Writes the position of a quiet source and that it was looked at, now and then; a new position at once if wished. */
  async recordIdle(atOnce: boolean): Promise<void> {
    const isDue = Date.now() - this.recordedAt >= IDLE_RECORD_MS;
    if (!isDue && !(atOnce && this.state.position !== this.recordedPosition)) return;
    await this.drain();
    await this.record();
  }

  /**
   * Waits until nothing is under way to the sink, and the sink knows the position: what is to be written about a table
   * refers to it, and must not be read with an older one after a restart.
   */
  async settle(): Promise<void> {
    await this.drain();
    if (this.state.position !== this.recordedPosition) await this.record();
  }

  private async record(): Promise<void> {
    const { position, commitTime, maxLsn } = this.state;
    if (position === undefined) return;
    const time = commitTime === undefined ? {} : { commitTime };
    await writeState(this.state, { position, ...time, ...(maxLsn === undefined ? {} : { seen: maxLsn }) }, []);
    this.recorded(position);
  }

  private plan(tables: readonly TableRun[], poll: Poll, after: Lsn, end: Lsn): PlannedTable[] {
    const byName = new Map(poll.instances.map((instance) => [instance.name, instance]));
    return tables.flatMap((table) => {
      const use = byName.get(table.route?.use ?? "");
      return use === undefined ? [] : [{ table, ...readsOf(table, use, poll, after, end) }];
    });
  }

  /** Only tables that have changes are read; few are not asked about. */
  private async withChanges(
    plans: readonly PlannedTable[],
    poll: Poll,
    after: Lsn,
    end: Lsn,
  ): Promise<readonly TableRead[]> {
    const reads = plans.flatMap((plan) => plan.reads);
    if (poll.windowTransactions === 0) return [];
    if (reads.length <= 2) return reads;
    try {
      const instances = reads.map(({ instance }) => instance);
      const changed = await this.source.reader.changedInstances(instances, after, end);
      return reads.filter(({ instance }) => changed.has(instance.name));
    } catch (error) {
      // They are asked about together: which one is to blame shows when each is read.
      if (isOfOneTable(error)) return reads;
      throw error;
    }
  }

  private async run(window: Window, plans: readonly PlannedTable[]): Promise<void> {
    const feed = new WindowFeed(this.source, window, this.state.shared.hardStop);
    try {
      await this.drain();
    } catch (error) {
      feed.abort();
      throw error;
    }
    this.feed = feed;
    if (window.alone === undefined) this.underWay(window);
    const isEmpty = window.reads.length === 0 && window.changes.length === 0;
    this.pending = isEmpty ? this.pass(feed) : this.write(feed, plans);
    // Whoever drains hears of it.
    this.pending.catch(() => undefined);
    // The next window begins to be read when this one is.
    await (isEmpty ? this.pending : feed.finished.catch(() => this.pending));
  }

  /** Nothing in it concerns the sink: the position moves in memory. */
  private async pass(feed: WindowFeed): Promise<void> {
    try {
      await feed.finished;
    } finally {
      feed.abort();
    }
    this.moved(feed.window, { events: 0, tables: new Map() });
  }

  private async write(feed: WindowFeed, plans: readonly PlannedTable[]): Promise<void> {
    const { window } = feed;
    const started = Date.now();
    try {
      const counts = await writeWindow(this.state, this.source, feed, this.state.shared.hardStop);
      this.state.apply(window.changes);
      this.moved(window, counts);
      if (window.alone === undefined) this.recorded(window.end);
      this.committed(window, counts, Date.now() - started);
      await this.state.step("committed");
      await this.tell(plans);
    } finally {
      feed.abort();
    }
  }

  private underWay({ oldest, endTime, end }: Window): void {
    const { state } = this;
    state.oldestUnderWay = oldest;
    // What is captured behind the window is younger than its end.
    state.oldestUnread = state.maxLsn !== undefined && end < state.maxLsn ? endTime : undefined;
  }

  private moved(window: Window, counts: WindowCounts): void {
    const { state } = this;
    if (window.alone === undefined) {
      state.position = window.end;
      state.oldestUnderWay = undefined;
      state.commitTime = window.endTime ?? state.commitTime;
      state.transactions += window.transactions;
    }
    state.events += counts.events;
    for (const [table, { events, dead }] of counts.tables) {
      table.events += events;
      table.deadLetters += dead;
      table.retries = 0;
    }
    if (window.transactions > 0) this.size.saw(window.transactions, counts.events);
    state.shared.rates.add(counts.events);
  }

  private committed(window: Window, { events, tables }: WindowCounts, durationMs: number): void {
    this.state.commits += 1;
    const dead = [...tables.values()].reduce((sum, count) => sum + count.dead, 0);
    const numbers = { events, tables: tables.size, transactions: window.transactions, durationMs };
    const details = { ...numbers, lsn: window.end, ...(dead > 0 ? { dead } : {}) };
    const level = dead > 0 ? "warn" : "debug";
    this.state.event({ level, event: "window.committed", text: `${String(events)} changes`, details });
  }

  private async tell(plans: readonly PlannedTable[]): Promise<void> {
    for (const { table, stop } of plans) {
      if (stop !== undefined) await this.listener.stopped(table);
    }
  }

  private recorded(position: Lsn): void {
    this.recordedAt = Date.now();
    this.recordedPosition = position;
    this.state.noted = undefined;
  }
}

function stopChange({ table, stop }: PlannedTable): TableChange[] {
  if (stop === undefined) return [];
  return [table.change({ state: "stopped", position: stop.position, problem: plainProblem(stop.problem) })];
}

function caughtUpTo(table: TableRun, end: Lsn, goal: Lsn): TableChange {
  if (end < goal) return table.change({ position: end });
  const { snapshot } = table;
  const isOpen = snapshot !== undefined && snapshot.phase !== "done";
  return table.change({ position: null, state: isOpen ? "snapshot" : "streaming", problem: null });
}
