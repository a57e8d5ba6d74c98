import type { Item } from "./lane-context";

/** What waits for a queue, first come first served. */
export class ItemQueue {
  private items: Item[] = [];
  private taken = 0;

  get first(): Item | undefined {
    return this.items[this.taken];
  }

  push(item: Item): void {
    this.items.push(item);
  }

  /** Puts back what was taken, in front of everything. */
  unshift(items: readonly Item[]): void {
    this.items = [...items, ...this.items.slice(this.taken)];
    this.taken = 0;
  }

  shift(): Item | undefined {
    const { first } = this;
    if (first !== undefined) this.taken += 1;
    return first;
  }

  /** Takes from the front as long as `take` says so. */
  takeWhile(take: (item: Item) => boolean): Item[] {
    const start = this.taken;
    while (this.first !== undefined && take(this.first)) this.taken += 1;
    const taken = this.items.slice(start, this.taken);
    // What was taken is cut off now and then: once for many.
    if (this.taken * 2 > this.items.length) {
      this.items = this.items.slice(this.taken);
      this.taken = 0;
    }
    return taken;
  }
}
