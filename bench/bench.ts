import type { Client } from "pg";
import type { RunningPostgres } from "../sandbox/postgres";

/** What is measured together, so that ratios come from one run on one machine. */
export interface Bench {
  /** Title, such as `Merge of 1,000,000 staged changes`. */
  readonly name: string;
  /** The first one is what the others are compared with. */
  readonly variants: readonly Variant[];
  /** Timed runs per variant; 5 when absent. Variants take turns, so that a slow minute hits all. */
  readonly runs?: number;
  /** Before all runs, not timed. */
  setUp?(context: BenchContext): Promise<void>;
  /** After all runs, also after a failure. */
  tearDown?(context: BenchContext): Promise<void>;
}

/** One way of doing the work. */
export interface Variant {
  readonly name: string;
  /** Work of one run, for the rate. */
  readonly work?: { readonly count: number; readonly unit: string };
  /** What it must reach; a miss makes `npm run bench` exit with 1. */
  readonly limit?: Limit;
  /** Asked once, before all runs: why this machine can't run it, such as `no java`. It is then left out of the runs. */
  missing?(): Promise<string | undefined>;
  /** Before each run, not timed. */
  prepare?(context: BenchContext): Promise<void>;
  /** The timed part. */
  run(context: BenchContext): Promise<void>;
  /** After the last run, not timed: figures worth a mention, such as `{ "KB of state": 1.3 }`. */
  figures?(context: BenchContext): Promise<Figures>;
}

/** A bound on the median, absolute or relative. */
export interface Limit {
  readonly atMostSeconds?: number;
  /** Of the first variant's median. */
  readonly atMostRatio?: number;
  /** Of other variants' medians, by their names; one that didn't run bounds nothing. */
  readonly atMostRatios?: Readonly<Record<string, number>>;
  /** Of the first variant's median, plus so many seconds. */
  readonly atMostSecondsMore?: number;
  readonly atLeastPerSecond?: number;
  /** Highest value of a figure by its name. */
  readonly atMostFigures?: Readonly<Record<string, number>>;
}

export type Figures = Readonly<Record<string, number | string>>;

/** What a bench may use: a PostgreSQL of its own with the settings of a small server. */
export interface BenchContext {
  readonly postgres: RunningPostgres;
  /** Makes an empty database, or makes it empty again. */
  emptyDatabase(name: string): Promise<void>;
  /** A connection to a database; closed at the end of the bench. */
  connect(database: string): Promise<Client>;
}
