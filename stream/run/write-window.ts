import { mergeStaged } from "../sinks/merge-staged";
import type { PgClient } from "../sinks/session";
import type { Writers } from "../sinks/writers";
import { copyCarefully } from "./copy-carefully";
import { copyWindow, type Staged } from "./copy-window";
import { StreamFailure } from "./failures";
import {
  forgetPositions,
  wasElsewhere,
  recordSource,
  recordTable,
  type SourceChange,
  type SourcePlace,
  type TableChange,
} from "./state-store";
import type { StreamStep } from "./steps";
import type { TableRun } from "./table-run";
import type { Window, WindowCounts } from "./window";
import type { FeedSource, WindowFeed } from "./window-feed";

/** Where a source's windows are written. */
export interface WindowSink {
  readonly writers: Writers;
  readonly place: SourcePlace;
  /** Fencing token as it is now. @throws CdcError when the lease isn't held. */
  token(): string;
  /** Passes a named point. */
  step(step: StreamStep, table?: TableRun): Promise<void>;
}

const BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED; SAVEPOINT cdc_copy";

/**
 * Writes a window in one transaction: rows of all tables staged, nothing missing, merged in the order of the tables'
 * names, so that no two windows wait for each other in a circle, position recorded.
 * @throws StreamFailure; then nothing is known to be committed, though it may be.
 */
export async function writeWindow(
  sink: WindowSink,
  source: FeedSource,
  feed: WindowFeed,
  signal: AbortSignal,
): Promise<WindowCounts> {
  const { window } = feed;
  await feed.ready();
  const token = sink.token();
  return inTransaction(sink, async (client) => {
    await sink.step("windowOpened");
    const copied = (table: TableRun): Promise<void> => sink.step("copied", table);
    const careful = { signal, copied };
    const staged = window.careful
      ? await copyCarefully(client, source, window.reads, careful)
      : await copyWindow(client, feed, copied);
    await (window.careful ? feed.check() : feed.finished);
    await sink.step("checked");
    const counts = await mergeAll(client, sink, staged);
    await record(client, sink, token, sourceChange(window, counts), window.changes);
    await sink.step("recorded");
    return counts;
  });
}

/** Writes states in one transaction of their own. */
export function writeState(
  sink: WindowSink,
  source: SourceChange | undefined,
  tables: readonly TableChange[],
  recorded?: () => Promise<void>,
): Promise<void> {
  const token = sink.token();
  return inTransaction(sink, async (client) => {
    await record(client, sink, token, source, tables);
    await recorded?.();
  });
}

/** Takes a source's rewritten history over: tables of `anew` forget their positions, since they are copied anew. */
export function writeRewound(
  sink: WindowSink,
  source: SourceChange | undefined,
  tables: readonly TableChange[],
  anew: readonly TableRun[],
): Promise<void> {
  const token = sink.token();
  return inTransaction(sink, async (client) => {
    const sorted = [...anew].sort((one, other) => (one.name < other.name ? -1 : 1));
    for (const table of sorted) await inSink(table, () => forgetPositions(client, sink.place, token, table.shape));
    await record(client, sink, token, source, tables);
  });
}

/** Whether a table that one source alone feeds was fed by another one before. */
export function hasMoved(sink: WindowSink, table: TableRun): Promise<boolean> {
  return inTransaction(sink, (client) => wasElsewhere(client, sink.place, table.shape));
}

/** Runs the work in a transaction of one of the writers, and commits. */
export function inTransaction<T>(sink: WindowSink, work: (client: PgClient) => Promise<T>): Promise<T> {
  return sink.writers.use(async (client) => {
    await inSink(undefined, () => client.query(BEGIN));
    const result = await work(client);
    await inSink(undefined, () => client.query("COMMIT"));
    return result;
  });
}

async function mergeAll(
  client: PgClient,
  sink: WindowSink,
  staged: ReadonlyMap<TableRun, Staged>,
): Promise<WindowCounts> {
  const tables = new Map<TableRun, Staged>();
  let events = 0;
  const sorted = [...staged.keys()].sort((one, other) => (one.name < other.name ? -1 : 1));
  for (const table of sorted) {
    const merged = await inSink(table, () => mergeStaged(client, table.shape));
    const before = staged.get(table) ?? { events: 0, dead: 0 };
    tables.set(table, { events: before.events, dead: before.dead + merged.dead });
    events += before.events;
    await sink.step("merged", table);
  }
  return { events, tables };
}

function sourceChange(window: Window, { events, tables }: WindowCounts): SourceChange | undefined {
  const byTable = [...tables].map(([{ shape }, count]) => ({
    schema: shape.schema,
    table: shape.table,
    events: count.events,
  }));
  if (window.alone !== undefined) return { events, tables: byTable };
  return {
    position: window.end,
    ...(window.endTime === undefined ? {} : { commitTime: window.endTime }),
    seen: window.end,
    transactions: window.transactions,
    events,
    tables: byTable,
  };
}

async function record(
  client: PgClient,
  { place }: WindowSink,
  token: string,
  source: SourceChange | undefined,
  tables: readonly TableChange[],
): Promise<void> {
  await inSink(undefined, async () => {
    if (source !== undefined) await recordSource(client, place, token, source);
    for (const table of tables) await recordTable(client, place, token, table);
  });
}

async function inSink<T>(table: TableRun | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new StreamFailure("sink", table?.name, error);
  }
}
