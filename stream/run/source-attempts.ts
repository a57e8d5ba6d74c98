import { CdcError } from "../../lib/errors";
import { backoffMs, sleep } from "../../lib/retry";
import type { TableShape } from "../../model/table-shape";
import { problemOf, remedyOf } from "./failures";
import { noteProblem } from "./note-problem";
import type { SourceState } from "./source-state";
import { readSourceState } from "./state-store";
import { keepPlaces } from "./take-deployed";
import { inTransaction } from "./write-window";

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 30_000;
const ATTEMPTS_ONCE = 8;

/** Tells each reason once. */
export function plainTeller(state: SourceState): (reason: string) => void {
  const told = new Set<string>();
  return (reason) => {
    if (told.has(reason)) return;
    told.add(reason);
    const text = `source ${state.name}: changes are read several times slower, by the driver's own parser: ${reason}`;
    state.event({ level: "warn", event: "source.slow", text });
  };
}

/** Waits for the lease of a source; false when the stream ends before. @throws CdcError `CDC_LEASE_HELD` with `once`. */
export async function hold(state: SourceState): Promise<boolean> {
  const { leases, options } = state.shared;
  const deadline = Date.now() + leases.patienceMs;
  for (let told = false; !state.isStopping(); told = true) {
    if ((await leases.take(state.name)) !== undefined) {
      await state.step("leaseTaken");
      if (state.state === "standby") state.state = "starting";
      return true;
    }
    state.state = "standby";
    if (!told) {
      const text = `source ${state.name} is read by another process: waiting for it`;
      state.event({ level: "info", event: "source.standby", text });
    }
    if (options.once === true && Date.now() > deadline) throw leaseHeld(state);
    await sleep(leases.pauseMs, options.signal).catch(() => undefined);
  }
  return false;
}

export async function load(state: SourceState, shapes: readonly TableShape[]): Promise<void> {
  const stored = await inTransaction(state, (client) => readSourceState(client, state.place));
  state.load(stored, shapes);
  await keepPlaces(state, stored);
  await state.step("stateLoaded");
}

/** Tells of a failure and waits; false when there is no sense in going on. */
export async function failed(state: SourceState, error: unknown, attempt: number): Promise<boolean> {
  const { options, leases } = state.shared;
  const problem = problemOf(error, options.sink);
  const isHeld = problem.code === "CDC_LEASE_HELD";
  const isLost = problem.code === "CDC_LEASE_LOST" || remedyOf(error) === "fenced";
  state.problem = isLost ? undefined : problem;
  state.state = isLost ? "standby" : "retrying";
  const details = { code: problem.code, attempt };
  state.event({ level: "warn", event: "source.retry", text: `source ${state.name}: ${problem.message}`, details });
  if (!isLost && !isHeld) await noteProblem(state, problem);
  if (isHeld || (options.once === true && attempt >= ATTEMPTS_ONCE)) {
    state.state = "stopped";
    return false;
  }
  const { longestRetryMs = LONGEST_WAIT_MS } = options;
  const pause = isLost ? leases.pauseMs : backoffMs(attempt, FIRST_WAIT_MS, longestRetryMs);
  await sleep(pause, options.signal).catch(() => undefined);
  return true;
}

function leaseHeld({ name }: SourceState): CdcError {
  return new CdcError("CDC_LEASE_HELD", `source ${name} is read by another process`, {
    hint: "Wait until it has finished, or give this one a pipeline name of its own.",
  });
}
