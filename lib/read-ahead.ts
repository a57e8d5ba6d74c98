/**
 * Reads a source ahead of whoever takes its items, in their order, so that neither waits for the other.
 * What the source throws comes after the items before it. Who stops taking doesn't wait for the source to end.
 * @param weightOf what an item counts
 * @param most nothing more is read while what waits counts so much
 */
export async function* readAhead<T>(
  source: AsyncIterable<T>,
  weightOf: (item: T) => number,
  most: number,
): AsyncGenerator<T, void> {
  const items = source[Symbol.asyncIterator]();
  const ahead = new Ahead<T>(most);
  void ahead.fill(items, weightOf);
  try {
    for (let item = await ahead.take(); item !== undefined; item = await ahead.take()) yield item.value;
  } finally {
    ahead.stop();
    items.return?.().catch(() => undefined);
  }
}

interface Waiting<T> {
  readonly value: T;
  readonly weight: number;
}

class Ahead<T> {
  private readonly waiting: Waiting<T>[] = [];
  private weight = 0;
  private isOver = false;
  private failure: { readonly error: unknown } | undefined;
  private wake: () => void = () => undefined;
  private makeRoom: () => void = () => undefined;

  constructor(private readonly most: number) {}

  /** Never rejects: what the source throws is what {@link take} throws. */
  async fill(items: AsyncIterator<T>, weightOf: (item: T) => number): Promise<void> {
    try {
      while (!this.isOver) {
        const next = await items.next();
        if (next.done === true) break;
        const weight = weightOf(next.value);
        this.waiting.push({ value: next.value, weight });
        this.weight += weight;
        this.wake();
        await this.room();
      }
    } catch (error) {
      this.failure = { error };
    }
    this.stop();
  }

  /** The next item; undefined at the end. */
  async take(): Promise<Waiting<T> | undefined> {
    while (this.waiting.length === 0 && !this.isOver) await new Promise<void>((resolve) => (this.wake = resolve));
    const first = this.waiting.shift();
    if (first === undefined && this.failure !== undefined) throw this.failure.error;
    this.weight -= first?.weight ?? 0;
    this.makeRoom();
    return first;
  }

  stop(): void {
    this.isOver = true;
    this.wake();
    this.makeRoom();
  }

  private async room(): Promise<void> {
    while (this.weight >= this.most && !this.isOver) await new Promise<void>((resolve) => (this.makeRoom = resolve));
  }
}
