import type { PgConfig } from "../../databases/postgres/config";
import type { MsSqlConfig } from "../../databases/sqlserver/config";
import type { SnapshotMode, Topology } from "../../model/topology";
import type { StreamEvent, StreamStatus } from "../stream-events";
import type { StreamStep } from "./steps";

/** What a step is about. */
export interface StepAbout {
  /** `<server>/<database>`. */
  readonly source: string;
  /** `schema.table` in the sink, for steps of one table. */
  readonly table?: string;
}

/** Settings of a {@link StreamRun}. */
export interface StreamOptions {
  /** Name of the positions, of the leases, and of `__source` in every row; `stream` unless a user says otherwise. */
  readonly pipeline: string;
  readonly topology: Topology;
  /** The topology anew, asked when the deployed tables have changed while running; the first one stays when absent. */
  readonly readTopology?: () => Promise<Topology>;
  /** How to reach a source database. `connection` is the topology's. Errors stop that source only. */
  readonly sourceConfig: (connection: string, database: string) => MsSqlConfig;
  /** Name of the server behind a connection: the first half of a source's name. */
  readonly serverName: (connection: string) => string;
  readonly sink: PgConfig;
  /** For all tables, instead of what the topology says. */
  readonly snapshot?: SnapshotMode;
  /** Aborted: stop gracefully. The windows in flight are committed when they are done within 3 s, else rolled back. */
  readonly signal: AbortSignal;
  readonly onEvent?: (event: StreamEvent) => void;
  /** Pause between two looks at a source: the shortest after a change, growing to the longest. Default 10 and 1,000. */
  readonly pollMs?: { readonly min?: number; readonly max?: number };
  /** Transactions in the sink at once; default 4. */
  readonly writers?: number;
  /** Rows that a window aims at; default 60,000. A transaction of the source is never cut. */
  readonly windowRows?: number;
  /** Rows of a snapshot chunk; the snapshot's own default when absent. */
  readonly snapshotRows?: number;
  /** Called at each named step, before the next begins: for tests that pull the plug there. */
  readonly onStep?: (step: StreamStep, about: StepAbout) => void | Promise<void>;
  /** Ends once all that was captured at the start is in the sink, snapshots are done, and nothing can go on. */
  readonly once?: boolean;
  /** How long a lease holds without being renewed; default 15,000. */
  readonly leaseTtlMs?: number;
  /** Who has the leases; default `<host>:<process id>:<random>`. */
  readonly holder?: string;
  /** Longest pause between two attempts at a source that fails; default 30,000. */
  readonly longestRetryMs?: number;
  /** How long a source whose log ends before our position may need to catch up, after a failover; default 60,000. */
  readonly behindMs?: number;
}

/** What a stream did until it ended. */
export interface StreamResult {
  readonly status: StreamStatus;
  /** True when the signal ended it, false when `once` had everything. */
  readonly interrupted: boolean;
  /** True when no source and no table is stopped, failing or waiting. */
  readonly healthy: boolean;
  readonly durationMs: number;
}

/** A stream that can be run once. Made by `new Stream(options)` of `stream/run/stream.ts`. */
export interface StreamRun {
  /**
   * Moves changes until the signal is aborted, or, with `once`, until everything is in the sink. What fails at one table
   * or source is told by events and the status and stops no other.
   * With `once` a source that another process keeps is stopped with `CDC_LEASE_HELD`, and one that fails too often as well.
   * @throws CdcError when the sink cannot be used at all: `CDC_NOT_DEPLOYED`, a wrong password, an address that was never
   *   reached.
   */
  run(): Promise<StreamResult>;
  /** What it is doing now; cheap, from memory. */
  status(): StreamStatus;
}
