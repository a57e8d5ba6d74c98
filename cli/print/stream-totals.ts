import type { SourceProgress, StreamStatus, TableState } from "../../stream/stream-events";
import { countText, durationText } from "./amounts";

/** A stream in a few numbers. */
export interface StreamTotals {
  readonly events: number;
  readonly transactions: number;
  readonly deadLetters: number;
  readonly snapshotRows: number;
  /** Of the source that is furthest behind; undefined while none has been looked at. */
  readonly lagMs: number | undefined;
  /** That source, when it lags at all. */
  readonly slowest: string | undefined;
  readonly sources: Readonly<Partial<Record<SourceProgress["state"], number>>>;
  readonly tables: Readonly<Partial<Record<TableState, number>>>;
}

/** Adds up a stream's status. */
export function totalsOf({ sources, tables }: StreamStatus): StreamTotals {
  const known = sources.filter(({ lagMs }) => lagMs !== undefined);
  const slowest = known.reduce<SourceProgress | undefined>(
    (worst, one) => ((one.lagMs ?? 0) > (worst?.lagMs ?? 0) ? one : worst),
    undefined,
  );
  return {
    events: sum(sources.map(({ events }) => events)),
    transactions: sum(sources.map(({ transactions }) => transactions)),
    deadLetters: sum(tables.map(({ deadLetters }) => deadLetters)),
    snapshotRows: sum(tables.map((one) => one.snapshotRows)),
    lagMs: known.length === 0 ? undefined : (slowest?.lagMs ?? 0),
    slowest: slowest?.source,
    sources: countedBy(sources),
    tables: countedBy(tables),
  };
}

/** `25 streaming, 1 retrying`; `none` when there is nothing to count. */
export function statesText(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([state, count]) => `${countText(count)} ${state.replace("_", " ")}`);
  return parts.length === 0 ? "none" : parts.join(", ");
}

/** `1,234 rows/s, lag 0.3 s (main/north), 56,789 changes; sources: 2 streaming; tables: 4 streaming, 1 stopped`. */
export function streamLine(status: StreamStatus): string {
  const totals = totalsOf(status);
  const slowest = totals.slowest === undefined ? "" : ` (${totals.slowest})`;
  const rows = totals.snapshotRows === 0 ? "" : `, ${countText(totals.snapshotRows)} snapshot rows`;
  return [
    `${countText(status.eventsPerSecond)} rows/s, lag ${durationText(totals.lagMs)}${slowest}, ${countText(totals.events)} changes${rows}`,
    `sources: ${statesText(totals.sources)}`,
    `tables: ${statesText(totals.tables)}`,
  ].join("; ");
}

function countedBy<S extends string>(all: readonly { readonly state: S }[]): Partial<Record<S, number>> {
  const counts: Partial<Record<S, number>> = {};
  for (const { state } of all) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
