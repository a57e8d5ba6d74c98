import type { RateEvent, TaskCounters } from "./events";

/** Counts over all attempts of a task. */
export class RunCounters {
  lines = 0;
  bytes = 0;
  restarts = 0;
  private ackedBefore = 0;
  private ackedNow = 0;
  private last = { lines: 0, bytes: 0, at: performance.now() };

  /** The output of this attempt has confirmed so many lines. */
  confirm(count: number): void {
    this.ackedNow = count;
  }

  /** The next attempt counts from 0 again. */
  nextAttempt(): void {
    this.ackedBefore += this.ackedNow;
    this.ackedNow = 0;
  }

  /** The numbers as they are. */
  get counters(): TaskCounters {
    return {
      lines: this.lines,
      bytes: this.bytes,
      acked: this.ackedBefore + this.ackedNow,
      restarts: this.restarts,
    };
  }

  /** The numbers, and how fast they grew since this was last asked. */
  rate(): RateEvent {
    const { lines, bytes, at } = this.last;
    this.last = { lines: this.lines, bytes: this.bytes, at: performance.now() };
    const seconds = Math.max(0.001, (this.last.at - at) / 1000);
    return {
      event: "rate",
      ...this.counters,
      linesPerSecond: Math.round((this.lines - lines) / seconds),
      bytesPerSecond: Math.round((this.bytes - bytes) / seconds),
    };
  }
}
