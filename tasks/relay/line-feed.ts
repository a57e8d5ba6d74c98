import type { Readable } from "node:stream";
import { LineBlocks } from "../protocol/line-blocks";

/** What is left when a stream has ended. */
export interface FeedEnd {
  /** What came after the last line end. */
  readonly torn?: Buffer;
}

/**
 * The lines of a provider's stdout: one by one until the handshake is done, then in blocks of whole lines. A listener is
 * there from the first moment on, because Node lets a stream flow when its process exits, paused or not.
 */
export class LineFeed {
  /** Resolves at the end of the stream, once all lines were taken; rejects with what `take` threw. */
  readonly done: Promise<FeedEnd>;
  /** When something was last read; a time of `performance.now()`. */
  lastSeen = performance.now();
  private readonly blocks = new LineBlocks();
  private waiting: Buffer[] = [];
  private take: ((block: Buffer) => void) | undefined;
  private wake: () => void = () => undefined;
  private closed = false;
  private fail: (error: unknown) => void = () => undefined;

  constructor(private readonly stream: Readable) {
    this.done = new Promise((resolve, reject) => {
      this.fail = reject;
      stream.once("close", () => {
        const torn = this.blocks.end();
        resolve(torn === undefined ? {} : { torn });
      });
    });
    this.done.catch(() => undefined);
    stream.once("close", () => {
      this.closed = true;
      this.wake();
    });
    stream.on("data", (chunk: Buffer) => this.push(chunk));
  }

  /** Whether reading stands still because of whoever takes the lines. */
  get isPaused(): boolean {
    return this.stream.isPaused();
  }

  /** Whether {@link consume} was called. */
  get isTaken(): boolean {
    return this.take !== undefined;
  }

  pause(): void {
    this.stream.pause();
  }

  resume(): void {
    this.lastSeen = performance.now();
    this.stream.resume();
  }

  /** The next line with its line end; undefined at the end of the stream. Only before {@link consume}. */
  async readLine(): Promise<Buffer | undefined> {
    while (this.waiting.length === 0 && !this.closed) {
      this.resume();
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    const block = this.waiting.shift();
    if (block === undefined) return undefined;
    const end = block.indexOf("\n") + 1;
    if (end < block.length) this.waiting.unshift(block.subarray(end));
    return block.subarray(0, end);
  }

  /** Puts back a line that was read too early. */
  unread(line: Buffer): void {
    this.waiting.unshift(line);
  }

  /** Hands all further lines to `take`; when it throws, {@link done} rejects and nothing more is handed on. */
  consume(take: (block: Buffer) => void): void {
    this.take = take;
    const waiting = this.waiting;
    this.waiting = [];
    this.resume();
    this.handOn(waiting);
  }

  /** Reads all further lines, and drops them: the provider must not get stuck in a full pipe. */
  discard(): void {
    this.consume(() => undefined);
  }

  private push(chunk: Buffer): void {
    this.lastSeen = performance.now();
    try {
      const blocks = this.blocks.push(chunk);
      if (this.take === undefined) this.keep(blocks);
      else this.handOn(blocks);
    } catch (error) {
      this.stopTaking(error);
    }
  }

  private keep(blocks: readonly Buffer[]): void {
    if (blocks.length === 0) return;
    this.waiting.push(...blocks);
    this.stream.pause();
    this.wake();
  }

  private handOn(blocks: readonly Buffer[]): void {
    try {
      for (const block of blocks) this.take?.(block);
    } catch (error) {
      this.stopTaking(error);
    }
  }

  private stopTaking(error: unknown): void {
    this.fail(error);
    this.closed = true;
    this.wake();
    this.discard();
  }
}
