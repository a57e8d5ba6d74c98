import type { Database } from "../storage/database";
import { scan, writeDummy } from "./capture";

/** How long a quiet database waits until its highest LSN is moved. */
const DUMMY_INTERVAL_MS = 300_000;

/** Runs the capture jobs: the agent of the stand-in. */
export class CaptureAgent {
  running = true;
  private readonly timers = new Map<Database, NodeJS.Timeout>();
  private readonly lastChange = new Map<Database, number>();

  /** Begins to scan a database. */
  watch(database: Database): void {
    this.schedule(database);
  }

  /** Scans now, as often as one turn of the job does. Gives the number of transactions. */
  turn(database: Database): number {
    const { cdc } = database;
    let found = 0;
    for (let scans = 0; cdc && scans < cdc.jobs.maxScans; scans++) {
      const count = scan(database);
      found += count;
      if (count === 0) break;
    }
    return found;
  }

  /** Stops all timers. */
  stop(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
  }

  private schedule(database: Database): void {
    clearTimeout(this.timers.get(database));
    const { cdc } = database;
    if (!cdc) {
      this.timers.delete(database);
      return;
    }
    const timer = setTimeout(() => {
      if (this.running && database.cdc?.agentRuns) this.work(database);
      this.schedule(database);
    }, cdc.jobs.pollingIntervalMs);
    timer.unref();
    this.timers.set(database, timer);
  }

  private work(database: Database): void {
    const now = Date.now();
    const last = this.lastChange.get(database) ?? now;
    if (this.turn(database) > 0 || !this.lastChange.has(database)) this.lastChange.set(database, now);
    else if (now - last >= DUMMY_INTERVAL_MS) {
      writeDummy(database);
      this.lastChange.set(database, now);
    }
  }
}
