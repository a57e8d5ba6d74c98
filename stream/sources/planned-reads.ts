import { laterLsn, previousLsn, type Lsn } from "../../model/lsn";
import type { StreamProblem } from "../stream-events";
import type { CaptureInstance } from "./capture-instance";
import type { Drift } from "./drift";

/** Changes that are read through one instance. */
export interface PlannedRange {
  readonly instance: CaptureInstance;
  readonly after: Lsn;
  readonly upTo: Lsn;
}

/** How far a table can be read in a window, and what comes of it. */
export interface PlannedReads {
  readonly reads: readonly PlannedRange[];
  /** Instances that must be complete behind an LSN. */
  readonly guarded: readonly Omit<PlannedRange, "upTo">[];
  /** Where it must stop, within the window. */
  readonly stop?: { readonly position: Lsn; readonly problem: StreamProblem };
  /** The newer instance through which it is read at the window's end. */
  readonly switched?: CaptureInstance;
}

/** Through what a table is read. */
export interface PlannedWay {
  readonly use: CaptureInstance;
  readonly drift: Drift;
  /** A newer instance, whose turn comes. */
  readonly next: CaptureInstance | undefined;
  /** What differs there, behind an LSN. */
  readonly nextDrift: (next: CaptureInstance, position: Lsn) => Drift;
}

/** Reads of a table in (`from`, `end`]. */
export function planReads({ use, next, drift, nextDrift }: PlannedWay, from: Lsn, end: Lsn): PlannedReads {
  const isSwitching = next !== undefined && next.startLsn <= end;
  const first = part(use, from, isSwitching ? previousLsn(next.startLsn) : end, drift.stop);
  if (!isSwitching || first.stop !== undefined) return first;
  const before = previousLsn(next.startLsn);
  const second = part(next, before, end, nextDrift(next, before).stop);
  return {
    reads: [...first.reads, ...second.reads],
    guarded: [...first.guarded, ...second.guarded],
    switched: next,
    ...(second.stop === undefined ? {} : { stop: second.stop }),
  };
}

function part(instance: CaptureInstance, after: Lsn, end: Lsn, stop: Drift["stop"]): PlannedReads {
  const isStopped = stop !== undefined && (stop.at ?? after) <= end;
  const last = isStopped ? laterLsn(after, previousLsn(stop.at ?? after)) : end;
  return {
    reads: last > after ? [{ instance, after, upTo: last }] : [],
    guarded: [{ instance, after }],
    ...(isStopped ? { stop: { position: last, problem: stop.problem } } : {}),
  };
}
