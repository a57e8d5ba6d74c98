import type { MsSqlConfig } from "../../databases/sqlserver/config";
import type { SnapshotMode } from "../../model/topology";
import type { PauseBounds } from "../sources/pace";
import type { FollowState } from "./state";

/** A table to follow. */
export interface FollowedTable {
  readonly schema: string;
  readonly table: string;
  /** Through this capture instance only; else through the newest one that has all that was not read yet. */
  readonly instance?: string;
  /** These columns only; else all that the instance captures. */
  readonly columns?: readonly string[];
  readonly snapshot: SnapshotMode;
}

/** What {@link ./source-follower.SourceFollower} follows, and how. */
export interface FollowOptions {
  readonly config: MsSqlConfig;
  /** Name of the source in messages, such as `erp-sql:1433/erp`. */
  readonly source: string;
  readonly tables: readonly FollowedTable[];
  /** In the metadata of every envelope. */
  readonly tenant?: string;
  /** Where to go on; at the beginning when absent. */
  readonly state?: FollowState | undefined;
  readonly signal: AbortSignal;
  readonly log: (level: "info" | "warn", text: string) => void;
  /** Default 10 and 1,000. */
  readonly pollMs?: PauseBounds;
  /** Rows that a window aims at; default 20,000. A transaction is never cut. */
  readonly windowRows?: number;
  /** Change rows of a page, of which each table has one in memory or two; default 20,000. */
  readonly pageRows?: number;
  /** Rows of a snapshot chunk; else as many as take a quarter of a second. */
  readonly snapshotRows?: number;
  /** Longest pause between two attempts at a source that fails; default 30,000. */
  readonly longestRetryMs?: number;
  /** How long a source whose log ends before our position may need to catch up, after a failover; default 60,000. */
  readonly behindMs?: number;
  /** Least time between two states: behind lines, unless they are many, and of a quiet source. Default 250 and 10,000. */
  readonly stateMs?: { readonly lines: number; readonly quiet: number };
  /** True: never our own decoder. */
  readonly plain?: boolean;
}

/** Lines that were read, and where to go on behind them. */
export interface Followed {
  /** Whole lines; empty when only the place has moved. */
  readonly lines: Buffer;
  readonly count: number;
  /** At the end of a transaction, now and then. */
  readonly state?: FollowState;
  /** The state has to be kept before lines that follow leave: without it, the next run would not complete them. */
  readonly keep?: true;
}
