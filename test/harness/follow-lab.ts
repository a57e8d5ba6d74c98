import type { Lsn } from "../../model/lsn";
import { parseLsn } from "../../model/lsn";
import type { Envelope } from "../../model/envelope";
import type { SnapshotMode } from "../../model/topology";
import type { FollowOptions, FollowedTable } from "../../stream/follow/options";
import { SourceFollower } from "../../stream/follow/source-follower";
import type { FollowState } from "../../stream/follow/state";
import { openCaptureLab, type CaptureLab } from "./capture-lab";

/** What was followed until everything that was captured had been given out. */
export interface FollowedUp {
  readonly envelopes: readonly Envelope[];
  readonly text: string;
  /** The newest state, and after how many lines it was told. */
  readonly state: FollowState | undefined;
  readonly states: readonly { readonly count: number; readonly state: FollowState }[];
  readonly told: readonly string[];
  /** What ended it; absent when it was stopped. */
  readonly problem?: unknown;
}

/** Settings of {@link FollowLab.follow}. */
export type FollowSettings = Partial<Omit<FollowOptions, "tables">> & {
  readonly tables: readonly (string | Partial<FollowedTable>)[];
  readonly snapshot?: SnapshotMode;
  /** To stop once so many pieces of lines were given out, though there is more. */
  readonly stopAfter?: number;
};

/** A database with change data capture, and followers of it. */
export interface FollowLab extends CaptureLab {
  /** Follows tables of dbo until all that is captured now was given out. Throws what ends it before. */
  follow(settings: FollowSettings): Promise<FollowedUp>;
  /** The same, without throwing: what was given out until then, and the problem. */
  tryFollow(settings: FollowSettings): Promise<FollowedUp>;
  /** A follower of tables of dbo, for those who read its pieces themselves. */
  open(settings: FollowSettings, signal: AbortSignal, told?: string[]): SourceFollower;
  maxLsn(): Promise<Lsn>;
}

/** Makes a database of one test file. */
export async function openFollowLab(): Promise<FollowLab> {
  const lab = await openCaptureLab();
  const maxLsn = async (): Promise<Lsn> => {
    const { text } = await lab.run("SELECT sys.fn_cdc_get_max_lsn()");
    return parseLsn(text.replace(/[()]/g, "")) as Lsn;
  };
  const open: FollowLab["open"] = ({ tables, snapshot = "never", stopAfter: _, ...more }, signal, told = []) =>
    new SourceFollower({
      config: lab.config,
      source: "lab",
      tables: tables.map((table) => followedTable(table, snapshot)),
      signal,
      log: (_level, text) => told.push(text),
      pollMs: { min: 1, max: 20 },
      stateMs: { lines: 0, quiet: 0 },
      ...more,
    });
  const tryFollow: FollowLab["tryFollow"] = async (settings) => {
    await lab.captured();
    return gather(await maxLsn(), settings.stopAfter, (signal, told) => open(settings, signal, told));
  };
  return {
    ...lab,
    maxLsn,
    open,
    tryFollow,
    async follow(settings) {
      const { problem, ...followed } = await tryFollow(settings);
      if (problem !== undefined) throw problem as Error;
      return followed;
    },
  };
}

/** Keeps what is given out until the goal is reached, or so many pieces were given out, or it fails. */
async function gather(
  goal: Lsn,
  stopAfter = Infinity,
  open: (signal: AbortSignal, told: string[]) => SourceFollower,
): Promise<FollowedUp> {
  const control = new AbortController();
  const told: string[] = [];
  const pieces: Buffer[] = [];
  const states: { count: number; state: FollowState }[] = [];
  let [count, left] = [0, stopAfter];
  let problem: unknown;
  try {
    for await (const followed of open(control.signal, told).follow()) {
      pieces.push(followed.lines);
      count += followed.count;
      if (followed.count > 0 && (left -= 1) <= 0) control.abort();
      if (followed.state !== undefined) states.push({ count, state: followed.state });
      if (followed.state !== undefined && isThere(followed.state, goal)) control.abort();
    }
  } catch (error) {
    problem = error;
  }
  const text = Buffer.concat(pieces).toString();
  const envelopes = text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Envelope]));
  const ended = problem === undefined ? {} : { problem };
  return { envelopes, text, states, state: states.at(-1)?.state, told, ...ended };
}

function followedTable(table: string | Partial<FollowedTable>, snapshot: SnapshotMode): FollowedTable {
  return { schema: "dbo", table: "", snapshot, ...(typeof table === "string" ? { table } : table) };
}

function isThere({ position, tables }: FollowState, goal: Lsn): boolean {
  return (
    position >= goal &&
    Object.values(tables).every((table) => table.position === undefined && table.snapshot === undefined)
  );
}
