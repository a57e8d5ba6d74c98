const SECONDS = 5;

/** Events per second over the last few seconds. */
export class Rates {
  private readonly counts = new Array<number>(SECONDS + 1).fill(0);
  private second = 0;

  add(events: number, now = Date.now()): void {
    this.advance(now);
    const at = this.second % this.counts.length;
    this.counts[at] = (this.counts[at] ?? 0) + events;
  }

  /** Of the whole seconds before this one. */
  perSecond(now = Date.now()): number {
    this.advance(now);
    const current = this.counts[this.second % this.counts.length] ?? 0;
    return Math.round((this.counts.reduce((sum, count) => sum + count, 0) - current) / SECONDS);
  }

  private advance(now: number): void {
    const second = Math.floor(now / 1_000);
    for (let at = Math.max(this.second + 1, second - SECONDS); at <= second; at += 1) {
      this.counts[at % this.counts.length] = 0;
    }
    this.second = Math.max(this.second, second);
  }
}
