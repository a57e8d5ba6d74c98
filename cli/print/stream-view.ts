import type { SourceProgress, StreamStatus, TableProgress } from "../../stream/stream-events";
import { countText, durationText } from "./amounts";
import type { Paint } from "./paint";
import { statesText, totalsOf } from "./stream-totals";
import { table } from "./table";

/** What the live view needs beside the status. */
export interface ViewStyle {
  readonly paint: Paint;
  readonly stack: string;
  readonly runningMs: number;
  /** Changes per second of each source. */
  readonly rates: ReadonlyMap<string, number>;
  readonly columns: number;
  /** Lines that may be used; at least a handful. */
  readonly lines: number;
}

/** A line that is cut to the width before it is coloured. */
interface Line {
  readonly text: string;
  readonly colour?: (text: string) => string;
}

const URGENCY: Readonly<Record<SourceProgress["state"], number>> = {
  stopped: 0,
  retrying: 1,
  starting: 2,
  streaming: 3,
  standby: 4,
  idle: 4,
};
const HEAD = ["SOURCE", "TENANTS", "STATE", "ROWS/S", "LAG", "POSITION", "CHANGES"];
/** Of the lines for sources and tables together, those that tables may take. */
const TABLES_SHARE = 0.4;
const FIXED_LINES = 3;

/** The live view, line by line: totals, sources with the worst first, then the tables that have something to tell. */
export function streamView(status: StreamStatus, style: ViewStyle): string[] {
  const room = Math.max(4, style.lines - FIXED_LINES);
  const notable = status.tables.filter(({ state }) => state !== "streaming").sort(byNeed);
  const tables = capped(notable, Math.max(1, Math.floor(room * TABLES_SHARE)));
  const sources = capped([...status.sources].sort(byUrgency), Math.max(1, room - tables.shown.length - 2));
  const lines: Line[] = [
    { text: titleLine(status, style), colour: style.paint.bold },
    ...sourceLines(sources.shown, style),
    ...more(sources.left, "more sources"),
    { text: tablesLine(status) },
    ...tables.shown.map((one) => tableLine(one, style.paint)),
    ...more(tables.left, "more tables"),
  ];
  return lines.map(({ text, colour = String }) => colour([...text].slice(0, Math.max(0, style.columns - 1)).join("")));
}

function more(count: number, noun: string): Line[] {
  return count === 0 ? [] : [{ text: `  and ${countText(count)} ${noun}` }];
}

function titleLine(status: StreamStatus, { stack, runningMs }: ViewStyle): string {
  const { lagMs, sources } = totalsOf(status);
  return [
    `stream of ${stack}`,
    `${countText(status.eventsPerSecond)} rows/s`,
    `lag ${durationText(lagMs)}`,
    `sources: ${statesText(sources)}`,
    durationText(Math.floor(runningMs / 1000) * 1000),
  ].join(" · ");
}

function tablesLine(status: StreamStatus): string {
  const { tables, deadLetters } = totalsOf(status);
  const dead = deadLetters === 0 ? "" : ` · ${countText(deadLetters)} dead letters`;
  return `tables: ${statesText(tables)}${dead}`;
}

function sourceLines(sources: readonly SourceProgress[], { paint, rates }: ViewStyle): Line[] {
  if (sources.length === 0) return [];
  const rows = sources.map((one) => [
    one.source,
    tenantsText(one.tenants),
    one.state,
    countText(rates.get(one.source) ?? 0),
    durationText(one.lagMs),
    one.position === undefined ? "-" : `0x${one.position}`,
    countText(one.events),
  ]);
  const colours = { stopped: paint.red, retrying: paint.yellow } as const;
  const [head = "", ...lines] = table(HEAD, rows).split("\n");
  const painted = sources.map(({ state, problem }, index) => {
    const why = problem === undefined ? "" : `  ${problem.message}`;
    const colour = state === "stopped" || state === "retrying" ? { colour: colours[state] } : {};
    return { text: `${lines[index] ?? ""}${why}`, ...colour };
  });
  return [{ text: head }, ...painted];
}

function tenantsText(tenants: readonly string[]): string {
  const [first = "-", ...others] = tenants;
  return others.length === 0 ? first : `${first} +${String(others.length)}`;
}

function tableLine(one: TableProgress, paint: Paint): Line {
  const { schema, table: name, state, problem } = one;
  const text = `  ${schema}.${name}  ${state.replace("_", " ")}`;
  if (state === "snapshot") return { text: `${text}  ${snapshotText(one)}` };
  const why = problem === undefined ? text : `${text}  ${problem.message}`;
  return state === "stopped" ? { text: why, colour: paint.red } : { text: why };
}

/** `5,000 rows, 40 %`. The total is an estimate, so that 100 % is left to the end. */
function snapshotText({ snapshotRows, snapshotTotal }: TableProgress): string {
  const rows = `${countText(snapshotRows)} rows`;
  if (snapshotTotal === undefined) return rows;
  return `${rows}, ${String(Math.min(99, Math.floor((100 * snapshotRows) / snapshotTotal)))} %`;
}

function byUrgency(one: SourceProgress, other: SourceProgress): number {
  return (
    URGENCY[one.state] - URGENCY[other.state] ||
    (other.lagMs ?? 0) - (one.lagMs ?? 0) ||
    (one.source < other.source ? -1 : 1)
  );
}

function byNeed(one: TableProgress, other: TableProgress): number {
  const rank = ({ state }: TableProgress) => ["stopped", "catching_up", "snapshot", "waiting"].indexOf(state);
  return rank(one) - rank(other) || (`${one.schema}.${one.table}` < `${other.schema}.${other.table}` ? -1 : 1);
}

function capped<T>(all: readonly T[], most: number): { readonly shown: readonly T[]; readonly left: number } {
  return all.length <= most ? { shown: all, left: 0 } : { shown: all.slice(0, most), left: all.length - most };
}
