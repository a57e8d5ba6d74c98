import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { TaskEvent } from "../../tasks/relay";
import type { TaskProcess } from "./task-process";

/** What is killed. */
export type Victim = "input" | "relay" | "output";

const LOOK_MS = 2;

/** A task that is started again whenever it is gone, as a supervisor does. */
export class KilledTask {
  private task: TaskProcess;

  /** @param directory where the task keeps its state */
  constructor(
    private readonly launch: () => TaskProcess,
    private readonly directory: string,
  ) {
    this.task = launch();
  }

  /** What the current pair of providers has told so far. */
  get attempt(): readonly TaskEvent[] {
    const { events } = this.task;
    return events.slice(events.findLastIndex(({ event }) => event === "restart") + 1);
  }

  /** Process of the victim that is at work now. */
  pid(victim: Victim): number | undefined {
    if (victim === "relay")
      return this.attempt.some(({ event }) => event === "started") ? this.task.child.pid : undefined;
    return this.attempt.flatMap((event) => (event.event === "started" && event.role === victim ? [event.pid] : []))[0];
  }

  /** Whether so many providers are ready. */
  isReady(count = 2): boolean {
    return this.attempt.filter(({ event }) => event === "ready").length >= count;
  }

  /** The state that the task would go on from, as text. */
  get state(): string {
    try {
      return readFileSync(join(this.directory, "state.json"), "utf8");
    } catch {
      return "";
    }
  }

  /** Whether the stored state is at or behind this LSN, with every copy done. */
  hasReached(lsn: string): boolean {
    const { state } = this;
    if (state === "" || state.includes('"snapshot"')) return false;
    return (JSON.parse(state) as { state: { position: string } }).state.position >= lsn;
  }

  /** Waits until a check holds. Throws when the task is over before. */
  async until(check: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await check())) {
      if (this.task.child.exitCode !== null) throw new Error(`the task has ended: ${JSON.stringify(this.task.events)}`);
      await delay(LOOK_MS);
    }
  }

  /** As {@link until}; false when the task is over before. */
  async untilOrEnd(check: () => boolean): Promise<boolean> {
    while (!check()) {
      if (this.task.child.exitCode !== null) return false;
      await delay(LOOK_MS);
    }
    return true;
  }

  /** Asks the task to stop. */
  stop(): void {
    this.task.child.kill("SIGTERM");
  }

  /** What the task ended with. */
  async ended(): Promise<number | null> {
    await this.task.ended;
    return this.task.child.exitCode;
  }

  /** Waits for the end, and starts it again. */
  async again(): Promise<void> {
    await this.task.ended;
    this.task = this.launch();
  }

  /** Kills it for good, for tests that failed. */
  async end(): Promise<void> {
    for (const victim of ["input", "output", "relay"] as const) signal(this.pid(victim), "SIGKILL");
    this.task.child.kill("SIGKILL");
    await this.task.ended;
  }
}

/** Sends a signal; false when there is no such process any more. 0 only asks. */
export function signal(pid: number | undefined, name: NodeJS.Signals | 0): boolean {
  try {
    return pid !== undefined && process.kill(pid, name);
  } catch {
    return false;
  }
}
