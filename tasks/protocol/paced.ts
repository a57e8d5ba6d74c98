/** Passes on the newest of many values: the first at once, then one per interval. */
export class Paced<T> {
  private waiting: { readonly value: T } | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly intervalMs: number,
    private readonly pass: (value: T) => void,
  ) {}

  /** A newer value takes the place of one that waits. */
  push(value: T): void {
    this.waiting = { value };
    if (this.timer === undefined) this.passWaiting();
  }

  /** Passes on what waits, now. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { waiting } = this;
    this.waiting = undefined;
    if (waiting !== undefined) this.pass(waiting.value);
  }

  private passWaiting(): void {
    this.flush();
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.waiting !== undefined) this.passWaiting();
    }, this.intervalMs);
  }
}
