import type { CdcError } from "../../lib/errors";
import { NO_LSN, type Lsn } from "../../model/lsn";
import type { TableShape } from "../../model/table-shape";
import { CaptureReader, type Poll } from "../sources/capture-reader";
import { Pace } from "../sources/pace";
import { agentStopped, sourceRewound } from "../sources/source-problems";
import { problemOf, remedyOf, StreamFailure } from "./failures";
import { failed, hold, load, plainTeller } from "./source-attempts";
import { Snapshots } from "./snapshots";
import { noteProblem } from "./note-problem";
import { SourceTables } from "./source-tables";
import { SourceWindows } from "./source-windows";
import { takeDeployed } from "./take-deployed";
import type { SourceState } from "./source-state";
import { writeState } from "./write-window";

/** Settings of a source's run. */
export interface SourceRunOptions {
  /** Deployed tables as they are now. */
  readonly shapes: () => readonly TableShape[];
  /** Bytes of a window that may be in memory. */
  readonly room: number;
}

const BEHIND_MS = 60_000;
/** A sixth of the patience with a source is over when somebody is told. */
const PATIENCE_TO_TELL = 6;

/** Follows one source database: takes its lease, and moves its changes until it is told to stop or has everything. */
export class SourceRun {
  private readonly windows: SourceWindows;
  private readonly tables: SourceTables;
  private readonly snapshots: Snapshots;
  private readonly reader: CaptureReader;
  private behindSince: number | undefined;
  /** Since when the source has been asked in vain for its first LSN. */
  private emptySince: number | undefined;
  private goal: Lsn | undefined;

  private constructor(
    private readonly state: SourceState,
    private readonly options: SourceRunOptions,
  ) {
    const config = state.config();
    const { pipeline } = state.place;
    this.reader = new CaptureReader(config, state.topology, { signal: state.shared.hardStop });
    const onPlain = plainTeller(state);
    const source = { config, reader: this.reader, pipeline, room: options.room, onPlain };
    this.tables = new SourceTables(state, () => this.windows.settle());
    this.windows = new SourceWindows(state, source, this.tables);
    this.snapshots = new Snapshots(state);
  }

  /** Runs a source until the end; its failures are in its state and never thrown. */
  static async run(state: SourceState, options: SourceRunOptions): Promise<void> {
    for (let attempt = 1; !state.isStopping(); attempt += 1) {
      let run: SourceRun | undefined;
      const { commits } = state;
      try {
        if (!(await hold(state))) return;
        await load(state, options.shapes());
        run = new SourceRun(state, options);
        await run.follow();
        return;
      } catch (error) {
        if (state.isStopping()) return;
        // What was read and never written is no progress.
        if (state.commits > commits) attempt = 1;
        if (!(await failed(state, error, attempt))) return;
      } finally {
        await run?.end();
      }
    }
  }

  private async follow(): Promise<void> {
    const { state } = this;
    const { pollMs = {}, once = false, signal } = state.shared.options;
    const pace = new Pace(pollMs, signal);
    while (!state.isStopping()) {
      const hasMoved = await this.turn();
      if (once && !hasMoved && (await this.isFinished())) return;
      await pace.rest(hasMoved, this.hasBacklog());
    }
    await this.windows.drain();
    await this.windows.recordIdle(true);
  }

  /** One look at the source, and what comes of it. True when something moved. */
  private async turn(): Promise<boolean> {
    try {
      const { state, windows } = this;
      // Throws when another process has taken over: a quiet source writes nothing that would tell.
      state.token();
      if (state.newShapes !== undefined) await this.takeShapes(state.newShapes);
      const poll = await this.reader.poll(windows.readTo, windows.readTime, windows.size.transactions);
      await state.step("polled");
      this.noteLook(poll);
      return await this.take(poll);
    } catch (error) {
      return this.recover(error);
    }
  }

  private async takeShapes(shapes: readonly TableShape[]): Promise<void> {
    // What is under way was read for the former ones.
    await this.windows.drain();
    this.state.newShapes = undefined;
    await takeDeployed(this.state, shapes);
  }

  private noteLook(poll: Poll): void {
    const { state } = this;
    state.lookedAt = Date.now();
    state.maxLsn = poll.maxLsn;
    state.oldestUnread = poll.oldestPendingTime;
    this.goal ??= poll.maxLsn;
    const isEmpty = this.emptySince !== undefined && poll.maxLsn === undefined;
    if (!poll.behind && !isEmpty && ["starting", "retrying", "stopped"].includes(state.state)) {
      state.state = "streaming";
      state.problem = undefined;
      state.event({ level: "info", event: "source.started", text: `source ${state.name} is read` });
    }
  }

  private async take(poll: Poll): Promise<boolean> {
    const { state, windows } = this;
    if (poll.maxLsn === undefined && state.position === undefined) return this.empty();
    this.emptySince = undefined;
    if (state.position === undefined) return this.begin(poll);
    if (poll.rewritten) return this.rewound(poll);
    if (poll.behind) return this.behind(poll);
    this.behindSince = undefined;
    state.problem = undefined;
    const after = windows.readTo ?? state.position;
    await this.tables.settle(poll, after);
    this.snapshots.start(poll.instances);
    const hasWindow = poll.windowEnd !== undefined;
    if (poll.windowEnd !== undefined) await windows.advance(poll, after, poll.windowEnd);
    else await windows.drain();
    const hasCaughtUp = await this.catchUp();
    // Windows without a change of ours move the position, too, and write nothing.
    await windows.recordIdle(false);
    state.state = hasWindow || hasCaughtUp ? "streaming" : "idle";
    return (hasWindow && poll.windowTransactions > 0) || hasCaughtUp;
  }

  /** Nothing was ever captured, not even that capture began: its job doesn't run, or hasn't yet. */
  private async empty(): Promise<boolean> {
    const { state } = this;
    this.emptySince ??= Date.now();
    const problem = agentStopped(state.name);
    if (Date.now() - this.emptySince < this.patienceMs / PATIENCE_TO_TELL) return false;
    const isTold = state.problem?.code === problem.code;
    state.state = "retrying";
    state.problem = problem;
    if (isTold) return false;
    state.event({ level: "warn", event: "source.retry", text: problem.message, details: { code: problem.code } });
    await noteProblem(state, problem);
    return false;
  }

  private get patienceMs(): number {
    return this.state.shared.options.behindMs ?? BEHIND_MS;
  }

  /** The first start: from here on every change is streamed. */
  private async begin(poll: Poll): Promise<boolean> {
    const { state, windows } = this;
    const position = poll.maxLsn ?? NO_LSN;
    await writeState(state, { position, seen: position }, [], () => state.step("stateRecorded"));
    state.position = position;
    windows.readTo = position;
    await state.step("stateCommitted");
    return true;
  }

  private async catchUp(): Promise<boolean> {
    const behind = this.state.sorted().filter(({ state, route }) => state === "catching_up" && route !== undefined);
    for (const table of behind) await this.windows.catchUp(table);
    return behind.length > 0;
  }

  /** A table's failure stops that table, a refused row makes the window careful; the rest is for the source's run. */
  private async recover(error: unknown): Promise<boolean> {
    const { state, windows } = this;
    const remedy = remedyOf(error);
    if (state.isStopping() || !(error instanceof StreamFailure) || (remedy !== "careful" && remedy !== "table"))
      throw error;
    const failedTo = windows.failedTo();
    await windows.reset();
    const table = state.tables.get(error.table ?? "");
    if (remedy === "careful" && failedTo !== undefined && (windows.carefulTo ?? NO_LSN) < failedTo) {
      windows.carefulTo = failedTo;
      const text = `a row of ${error.table ?? "a table"} can't be staged: the window is done again row by row`;
      state.event({ level: "warn", event: "window.careful", text, details: { reason: error.message } }, table);
      return true;
    }
    const place = table?.position ?? state.position;
    if (table === undefined || place === undefined) throw error;
    await this.tables.stop(table, place, problemOf(error, state.shared.options.sink));
    return true;
  }

  private async behind(poll: Poll): Promise<boolean> {
    const { state } = this;
    this.behindSince ??= Date.now();
    if (Date.now() - this.behindSince < this.patienceMs) {
      state.state = "retrying";
      state.problem = behindProblem(state, poll);
      return false;
    }
    return this.rewound(poll);
  }

  private async rewound(poll: Poll): Promise<boolean> {
    const { state, windows } = this;
    const problem = behindProblem(state, poll);
    this.behindSince = undefined;
    await windows.reset();
    await this.snapshots.stop();
    await this.tables.rewound(poll, poll.maxLsn ?? NO_LSN, problem);
    windows.carefulTo = undefined;
    this.goal = poll.maxLsn;
    await windows.reset();
    return true;
  }

  private async isFinished(): Promise<boolean> {
    const { state, windows, goal, emptySince } = this;
    if (emptySince !== undefined && Date.now() - emptySince >= this.patienceMs) {
      state.state = "stopped";
      return true;
    }
    await windows.drain();
    if (goal === undefined || state.position === undefined || state.position < goal) return false;
    if (this.behindSince !== undefined) return false;
    // A table that has just been stopped and may heal (`retryAt` is 0) is about to.
    const isOpen = [...state.tables.values()].some(
      (table) =>
        table.state === "catching_up" || table.wantsSnapshot || (table.state === "stopped" && table.retryAt === 0),
    );
    if (isOpen) return false;
    await windows.recordIdle(true);
    return true;
  }

  private hasBacklog(): boolean {
    const { maxLsn } = this.state;
    return maxLsn !== undefined && (this.windows.readTo ?? NO_LSN) < maxLsn;
  }

  private async end(): Promise<void> {
    await this.snapshots.stop();
    await this.windows.reset();
  }
}

function behindProblem({ name, position = NO_LSN }: SourceState, { maxLsn }: Poll): CdcError {
  return sourceRewound(name, position, maxLsn);
}
