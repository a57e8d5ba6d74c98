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
  /** Follows tables of dbo until all that is captured now was given out. */
  follow(settings: FollowSettings): Promise<FollowedUp>;
  maxLsn(): Promise<Lsn>;
}

/** Makes a database of one test file. */
export async function openFollowLab(): Promise<FollowLab> {
  const lab = await openCaptureLab();
  const maxLsn = async (): Promise<Lsn> => {
    const { text } = await lab.run("SELECT sys.fn_cdc_get_max_lsn()");
    return parseLsn(text.replace(/[()]/g, "")) as Lsn;
  };
  return {
    ...lab,
    maxLsn,
    async follow({ tables, snapshot = "never", stopAfter = Infinity, ...more }) {
      await lab.captured();
      const goal = await maxLsn();
      const control = new AbortController();
      const told: string[] = [];
      const follower = new SourceFollower({
        config: lab.config,
        source: "lab",
        tables: tables.map((table) => followedTable(table, snapshot)),
        signal: control.signal,
        log: (_level, text) => told.push(text),
        pollMs: { min: 1, max: 20 },
        stateMs: { lines: 0, quiet: 0 },
        ...more,
      });
      const pieces: Buffer[] = [];
      const states: { count: number; state: FollowState }[] = [];
      let count = 0;
      let left = stopAfter;
      for await (const followed of follower.follow()) {
        pieces.push(followed.lines);
        count += followed.count;
        if (followed.count > 0 && (left -= 1) <= 0) control.abort();
        if (followed.state !== undefined) states.push({ count, state: followed.state });
        if (followed.state !== undefined && isThere(followed.state, goal)) control.abort();
      }
      const text = Buffer.concat(pieces).toString();
      const envelopes = text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Envelope]));
      return { envelopes, text, states, state: states.at(-1)?.state, told };
    },
  };
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
