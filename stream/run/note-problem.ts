import type { StreamProblem } from "../stream-events";
import type { SourceState } from "./source-state";
import { writeState } from "./write-window";

/** What a source is to blame for: when the sink is, it can't be written there. */
const OF_THE_SOURCE = /^CDC_(MSSQL|SOURCE)_/;

/** Writes down why a source can't be read, each reason once, for those who look at the sink only. Never fails. */
export async function noteProblem(state: SourceState, problem: StreamProblem): Promise<void> {
  if (!OF_THE_SOURCE.test(problem.code) || state.noted === problem.message) return;
  try {
    await writeState(state, { problem }, []);
    state.noted = problem.message;
  } catch {
    // The next attempt tries again; what the source said is told by the event.
  }
}
