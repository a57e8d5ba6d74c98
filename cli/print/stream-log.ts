import type { StreamEvent, StreamStatus, TableProgress } from "../../stream/stream-events";
import type { Paint } from "./paint";
import { totalsOf } from "./stream-totals";

/** Weight of a line in the log. */
export type LogLevel = StreamEvent["level"];

/** From the least to the most important. */
export const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** One line of the log for machines: see docs/running.md. */
export interface LogRecord {
  readonly level: LogLevel;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly event: string;
  readonly text: string;
  readonly pipeline: string;
  readonly source?: string;
  readonly table?: string;
  readonly tenant?: string;
  readonly details?: object;
}

/** Whether a line of this level is wanted. */
export function isWanted(level: LogLevel, least: LogLevel): boolean {
  return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(least);
}

/** An event as a line for machines. */
export function recordOf({ level, event, text, ...rest }: StreamEvent, pipeline: string, now: Date): LogRecord {
  return { level, time: now.toISOString(), event, text, pipeline, ...rest };
}

/** `06:50:12 warn  main/north north.Film: text`, the time in UTC; names that the text has are not told twice. */
export function eventLine({ level, text, source, table, details }: StreamEvent, now: Date, paint: Paint): string {
  const colour = { debug: paint.dim, info: String, warn: paint.yellow, error: paint.red }[level];
  const about = [source, table].filter((part) => part !== undefined && !text.includes(part)).join(" ");
  const hint = typeof details?.["hint"] === "string" ? `\n  ${paint.cyan("hint:")} ${details["hint"]}` : "";
  const first = `${paint.dim(now.toISOString().slice(11, 19))} ${colour(level.padEnd(5))}`;
  return `${first} ${about === "" ? "" : `${about}: `}${text}${hint}`;
}

function snapshotOf({ source, schema, table, snapshotRows, snapshotTotal }: TableProgress): object {
  const expected = snapshotTotal === undefined ? {} : { expectedRows: snapshotTotal };
  return { source, table: `${schema}.${table}`, rows: snapshotRows, ...expected };
}

/** What `stream.progress` and `stream.finished` tell: totals, every source, the tables by state, and the snapshots that run. */
export function progressDetails(status: StreamStatus): object {
  const { slowest, lagMs, tables, sources: _sources, ...totals } = totalsOf(status);
  return {
    rowsPerSecond: Math.round(status.eventsPerSecond),
    ...(lagMs === undefined ? {} : { lagSeconds: lagMs / 1000 }),
    ...(slowest === undefined ? {} : { slowest }),
    ...totals,
    sources: status.sources.map(({ lagMs: ownLagMs, problem, tenants: _tenants, ...one }) => ({
      ...one,
      ...(ownLagMs === undefined ? {} : { lagSeconds: ownLagMs / 1000 }),
      ...(problem === undefined ? {} : { problem: problem.code }),
    })),
    tables,
    snapshots: status.tables.filter(({ state }) => state === "snapshot").map(snapshotOf),
  };
}
