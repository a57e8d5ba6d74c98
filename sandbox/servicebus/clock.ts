/** The stand-in's time. It can be put forward, so that what takes hours in Azure happens in a test. */
export class Clock {
  private ahead = 0;
  private readonly watchers = new Set<() => void>();

  /** Milliseconds since 1970. */
  now(): number {
    return Date.now() + this.ahead;
  }

  /** Lets so much time pass at once. */
  skip(milliseconds: number): void {
    this.ahead += milliseconds;
    for (const wake of this.watchers) wake();
  }

  /** Calls back whenever time was put forward. */
  onSkip(wake: () => void): void {
    this.watchers.add(wake);
  }

  forget(wake: () => void): void {
    this.watchers.delete(wake);
  }
}
