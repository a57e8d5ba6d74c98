import type { InputItem } from "./provider";

/** How long an input that was told to stop may take to end by itself. */
const STOP_MS = 5_000;

/** The items of an input until it ends, or was told to stop: what it yields while it ends is kept. */
export class StoppableItems {
  private readonly iterator: AsyncIterator<InputItem>;
  private settle: () => void = () => undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly begin = () => (this.timer = setTimeout(() => this.settle(), STOP_MS));

  constructor(
    items: AsyncIterable<InputItem>,
    private readonly signal: AbortSignal,
  ) {
    this.iterator = items[Symbol.asyncIterator]();
    if (signal.aborted) this.begin();
    else signal.addEventListener("abort", this.begin, { once: true });
  }

  /** The next item; undefined at the end. */
  async next(): Promise<InputItem | undefined> {
    try {
      const item = await this.nextOrLate();
      if (item === undefined) this.forget();
      return item;
    } catch (error) {
      this.forget();
      // A wait that the signal cut short is a clean end.
      if (this.signal.aborted && isAbort(error, this.signal)) return undefined;
      throw error;
    }
  }

  /** Nothing is awaited any more: a timer would keep the process. */
  private forget(): void {
    clearTimeout(this.timer);
    this.signal.removeEventListener("abort", this.begin);
  }

  // Not Promise.race with one promise for all items: each item would stay in its list.
  private nextOrLate(): Promise<InputItem | undefined> {
    return new Promise((resolve, reject) => {
      this.settle = () => resolve(undefined);
      this.iterator.next().then(({ value, done }) => resolve(done === true ? undefined : value), reject);
    });
  }
}

function isAbort(error: unknown, signal: AbortSignal): boolean {
  return error === signal.reason || (error instanceof Error && error.name === "AbortError");
}
