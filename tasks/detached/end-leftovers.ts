import { setTimeout as delay } from "node:timers/promises";
import { isAlive, type ProcessIdentity } from "../../stream/leases/process-identity";
import { isRunning, readRecord } from "./run-record";

const LOOK_MS = 50;
/** How long an output whose relay was killed may take to write what it has. */
const GRACE_MS = 10_000;

/**
 * Ends the providers of a run whose process was killed. They notice it by the end of their pipes and end by themselves,
 * the output once it has written what it got; only what doesn't is killed. Two outputs at once could mix old and new.
 */
export async function endLeftovers(directory: string, graceMs: number = GRACE_MS): Promise<void> {
  const record = readRecord(directory);
  if (record === undefined || isRunning(record)) return;
  const processes = Object.values(record.providers).flatMap(({ process }) => process ?? []);
  await Promise.all(processes.map((process) => endProcess(process, graceMs)));
}

async function endProcess(identity: ProcessIdentity, graceMs: number): Promise<void> {
  // Undefined: it is of another machine, and can't be ours to end.
  const deadline = performance.now() + graceMs;
  while (isAlive(identity) === true) {
    if (performance.now() >= deadline) killGroup(identity.pid);
    await delay(LOOK_MS);
  }
}

/** Kills a provider and all that it has started. */
export function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody is left.
  }
}
