import { setImmediate as nextTurn } from "node:timers/promises";

/** Longest time for which work that never waits may hold back sockets, timers and signals. */
const TURN_MS = 4;

let turnBegan = performance.now();

/** For work that goes on without waiting: what to wait for now, so that others get their turn; undefined mostly. */
export function othersTurn(): Promise<void> | undefined {
  return performance.now() - turnBegan < TURN_MS ? undefined : pause();
}

async function pause(): Promise<void> {
  await nextTurn();
  turnBegan = performance.now();
}
