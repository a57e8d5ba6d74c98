/** Counts the lines of which every message is where it belongs, in the order in which the lines came. */
export class Confirmations {
  /** Messages that are still on their way, line by line, from the first one that isn't confirmed. */
  private open: number[] = [];
  private done = 0;
  private count = 0;
  private readonly waiting: { lines: number; resolve: () => void; reject: (error: Error) => void }[] = [];
  private failure: Error | undefined;

  /** @param onConfirmed told how many lines are confirmed, cumulative */
  constructor(private readonly onConfirmed: (lines: number) => void = () => undefined) {}

  /** Lines that are confirmed. */
  get confirmed(): number {
    return this.count;
  }

  /** Number of the next line, which became so many messages. */
  add(messages: number): number {
    this.open.push(messages);
    return this.count - this.done + this.open.length - 1;
  }

  /** One message of a line has arrived. */
  confirm(line: number): void {
    const place = line - this.count + this.done;
    const left = (this.open[place] ?? 0) - 1;
    this.open[place] = left;
    if (left > 0 || place !== this.done) return;
    while (this.open[this.done] === 0) this.advance();
    this.trim();
    this.onConfirmed(this.count);
    while ((this.waiting[0]?.lines ?? Infinity) <= this.count) this.waiting.shift()?.resolve();
  }

  /** Resolves when so many lines are confirmed, counted from the very first one; rejects when they never will be. */
  reached(lines: number): Promise<void> {
    if (lines <= this.count) return Promise.resolve();
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => this.waiting.push({ lines, resolve, reject }));
  }

  /** Nothing more will be confirmed. Only the first failure is told. */
  fail(error: Error): void {
    this.failure ??= error;
    for (const { reject } of this.waiting.splice(0)) reject(this.failure);
  }

  private advance(): void {
    this.done += 1;
    this.count += 1;
  }

  // What is done is cut off now and then: once for many lines.
  private trim(): void {
    if (this.done < 1_024 || this.done * 2 < this.open.length) return;
    this.open = this.open.slice(this.done);
    this.done = 0;
  }
}
