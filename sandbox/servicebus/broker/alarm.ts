import type { Clock } from "../clock";

/** No work is done more often than this for its deadlines, in milliseconds. */
const SHORTEST_MS = 20;
/** The longest a timer of Node can take. */
const LONGEST_MS = 2_147_483_647;

/** Rings once at the earliest of many deadlines. */
export class Alarm {
  private timer: NodeJS.Timeout | undefined;
  private due = Infinity;
  private readonly onSkip = () => {
    this.fire();
  };

  constructor(
    private readonly clock: Clock,
    private readonly ring: () => void,
  ) {
    clock.onSkip(this.onSkip);
  }

  /** Rings at this time at the latest. */
  by(time: number): void {
    if (time >= this.due) return;
    this.due = time;
    clearTimeout(this.timer);
    const delay = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, time - this.clock.now()));
    this.timer = setTimeout(() => this.fire(), delay);
    this.timer.unref();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.clock.forget(this.onSkip);
  }

  private fire(): void {
    clearTimeout(this.timer);
    this.due = Infinity;
    this.ring();
  }
}
