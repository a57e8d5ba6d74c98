import { once } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Writable } from "node:stream";

const FLUSH_BYTES = 64 * 1024;

/**
 * Gathers lines and writes them in large pieces: when 64 KiB are there, or as soon as the event loop has nothing better
 * to do. A line is never held back for longer.
 */
export class LineWriter {
  private text = "";
  private scheduled: NodeJS.Immediate | undefined;
  private failure: Error | undefined;

  constructor(private readonly stream: Writable) {
    // Whoever read is gone: noticed at the next write.
    stream.on("error", (error) => (this.failure ??= error));
  }

  /** Whether the reader is slower than what was written. */
  get isFull(): boolean {
    return this.stream.writableNeedDrain;
  }

  /** Adds whole lines. */
  add(lines: string): void {
    this.text += lines;
    if (this.text.length >= FLUSH_BYTES) this.flush();
    else this.scheduled ??= setImmediate(() => this.flush());
  }

  /** Adds whole lines that are bytes already, uncopied. */
  addBytes(lines: Buffer): void {
    this.flush();
    if (lines.length > 0) this.stream.write(lines);
  }

  /** Writes what was gathered. */
  flush(): void {
    clearImmediate(this.scheduled);
    this.scheduled = undefined;
    if (this.text === "") return;
    const text = this.text;
    this.text = "";
    this.stream.write(text);
  }

  /** Whether to wait for {@link room} before more is added: something was just written, or can't be. */
  get wantsRoom(): boolean {
    return this.text === "" || this.failure !== undefined;
  }

  /** Resolves when more may be written; in between, signals and timers get their turn. Throws when nobody reads any more. */
  async room(): Promise<void> {
    if (this.isFull) await once(this.stream, "drain");
    else await nextTurn();
    if (this.failure !== undefined) throw this.failure;
  }

  /** Resolves when everything that was added has left this process. Throws when nobody reads any more. */
  async written(): Promise<void> {
    await this.end();
    if (this.failure !== undefined) throw this.failure;
  }

  /** Resolves when everything has left this process. */
  async end(): Promise<void> {
    this.flush();
    if (this.failure !== undefined || this.stream.writableLength === 0) return;
    await new Promise<void>((resolve) => {
      this.stream.once("error", () => resolve());
      this.stream.write("", () => resolve());
    });
  }
}
