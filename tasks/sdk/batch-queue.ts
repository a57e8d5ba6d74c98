import { setTimeout as delay } from "node:timers/promises";
import { Batch } from "./batch";
import type { BatchBounds } from "./provider";

const NEWLINE = 0x0a;

/** Lines that wait to be written: at most about one batch while another one is being written. */
export class BatchQueue {
  private readonly maxLines: number;
  private readonly maxBytes: number;
  private readonly maxWaitMs: number;
  private readonly blocks: Buffer[] = [];
  private lines = 0;
  private bytes = 0;
  private taken = 0;
  private ended = false;
  private failure: { readonly error: unknown } | undefined;
  private wake: () => void = () => undefined;
  private makeRoom: () => void = () => undefined;

  constructor({ maxLines = 10_000, maxBytes = 1024 * 1024, maxWaitMs = 0 }: BatchBounds = {}) {
    this.maxLines = maxLines;
    this.maxBytes = maxBytes;
    this.maxWaitMs = maxWaitMs;
  }

  /** Adds whole lines; resolves when there is room for more. */
  async add(block: Buffer, lines: number): Promise<void> {
    this.blocks.push(block);
    this.lines += lines;
    this.bytes += block.length;
    this.wake();
    while (this.isFull() && !this.ended) await new Promise<void>((resolve) => (this.makeRoom = resolve));
  }

  /** No more lines come. */
  end(): void {
    this.ended = true;
    this.wake();
    this.makeRoom();
  }

  /** No more lines come, and {@link take} throws once those that are there are taken. */
  fail(error: unknown): void {
    this.failure = { error };
    this.end();
  }

  /** No more lines come, and those that are there are not wanted any more: {@link take} throws at once. */
  abort(error: unknown): void {
    this.failure ??= { error };
    this.blocks.length = 0;
    this.lines = 0;
    this.bytes = 0;
    this.end();
  }

  /** Throws what the queue failed with. */
  check(): void {
    if (this.failure !== undefined) throw this.failure.error;
  }

  /** The next batch; undefined when there are no more. */
  async take(): Promise<Batch | undefined> {
    while (this.lines === 0 && !this.ended) await this.woken();
    if (this.maxWaitMs > 0 && !this.isFull() && !this.ended) await this.waitForMore();
    if (this.lines > 0) return this.cut();
    this.check();
    return undefined;
  }

  private woken(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }

  private async waitForMore(): Promise<void> {
    const control = new AbortController();
    const late = delay(this.maxWaitMs, true, { signal: control.signal });
    try {
      while (!this.isFull() && !this.ended) {
        if ((await Promise.race([this.woken(), late])) === true) return;
      }
    } finally {
      control.abort();
      late.catch(() => undefined);
    }
  }

  private isFull(): boolean {
    return this.lines >= this.maxLines || this.bytes >= this.maxBytes;
  }

  private cut(): Batch {
    const firstLine = this.taken + 1;
    const count = Math.min(this.lines, this.maxLines);
    const blocks = count === this.lines ? this.blocks.splice(0) : this.cutBlocks(count);
    this.bytes = this.blocks.reduce((sum, block) => sum + block.length, 0);
    this.lines -= count;
    this.taken += count;
    this.makeRoom();
    return new Batch(blocks, count, firstLine);
  }

  /** So many lines from the front; a block that has more is cut in two. */
  private cutBlocks(count: number): Buffer[] {
    const cut: Buffer[] = [];
    for (let missing = count; missing > 0;) {
      const block = this.blocks.shift() as Buffer;
      const { end, lines } = endOf(block, missing);
      cut.push(block.subarray(0, end));
      if (end < block.length) this.blocks.unshift(block.subarray(end));
      missing -= lines;
    }
    return cut;
  }
}

/** Where the first `most` lines of a block end, and how many they are when the block has fewer. */
function endOf(block: Buffer, most: number): { end: number; lines: number } {
  let end = 0;
  let lines = 0;
  while (lines < most && end < block.length) {
    end = block.indexOf(NEWLINE, end) + 1;
    lines += 1;
  }
  return { end, lines };
}
