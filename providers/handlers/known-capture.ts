import { readCaptureState, type CaptureState } from "../../databases/sqlserver/capture-state";
import type { MsSqlConfig } from "../../databases/sqlserver/config";

const known = new Map<string, Promise<CaptureState>>();
const queues = new Map<string, Promise<unknown>>();

/** A database's capture, read once per process until it is changed. */
export function knownCapture(config: MsSqlConfig): Promise<CaptureState> {
  const key = keyOf(config);
  const found = known.get(key);
  if (found !== undefined) return found;
  const state = readCaptureState(config);
  // A failed read is tried again by the next resource.
  state.catch(() => known.delete(key));
  known.set(key, state);
  return state;
}

/** Takes over a change that was just made, so that the rest needn't be read again. */
export function patchCapture(config: MsSqlConfig, change: (before: CaptureState) => CaptureState): void {
  const key = keyOf(config);
  const before = known.get(key);
  if (before !== undefined) known.set(key, before.then(change));
}

/** Reads the database's capture again when it is needed next. */
export function forgetCapture(config: MsSqlConfig): void {
  known.delete(keyOf(config));
}

/** Runs `work` after what was queued for this database before: changes of the capture run into deadlocks with each other. */
export async function inCaptureTurn<T>(config: MsSqlConfig, work: () => Promise<T>): Promise<T> {
  const key = keyOf(config);
  const turn = (queues.get(key) ?? Promise.resolve()).then(work);
  queues.set(
    key,
    turn.catch(() => undefined),
  );
  return turn;
}

function keyOf({ host, port, user, database }: MsSqlConfig): string {
  return JSON.stringify([host.toLowerCase(), port, user, database]);
}
