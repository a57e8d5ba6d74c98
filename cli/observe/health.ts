import type { SourceProgress, StreamStatus } from "../../stream/stream-events";
import type { StreamObserver } from "./observer";

/** Answer to a probe. */
export interface Probe {
  readonly ok: boolean;
  /** Why not, in words; empty when ok. */
  readonly problems: readonly string[];
}

/** Whether the process should go on living: its loop turns, and not every source fails for long. */
export function liveness(observer: StreamObserver): Probe {
  const problems = observer.sickness();
  return { ok: problems.length === 0, problems };
}

/** Whether every source does what it should, and none lags more than `lagLimitMs`. A standby is ready: another process works. */
export function readiness(status: StreamStatus, lagLimitMs: number | undefined): Probe {
  const none = status.sources.length === 0 ? ["no source has been looked at yet"] : [];
  const problems = [...none, ...status.sources.flatMap((one) => problemsOf(one, lagLimitMs))];
  return { ok: problems.length === 0, problems };
}

function problemsOf({ source, state, lagMs, problem }: SourceProgress, lagLimitMs: number | undefined): string[] {
  const why = problem === undefined ? "" : `: ${problem.message}`;
  if (state === "starting" || state === "retrying" || state === "stopped") return [`${source} is ${state}${why}`];
  const late = lagLimitMs !== undefined && lagMs !== undefined && lagMs > lagLimitMs;
  return late ? [`${source} lags ${(lagMs / 1000).toFixed(0)} s`] : [];
}
