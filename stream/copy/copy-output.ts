import { viewOf, type Memory } from "../../databases/sqlserver/rows/memory";
import type { WriteChunk } from "./write-chunk";

/** Bytes of a chunk; one row more may follow. */
const CHUNK_BYTES = 128 * 1024;
const SPARE_BYTES = 32 * 1024;

/** Collects COPY text and hands it out in chunks. */
export class CopyOutput implements Memory {
  /** Where the next text goes, from {@link at} on. */
  buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES + SPARE_BYTES);
  view = viewOf(this.buffer);
  at = 0;
  private handedOut = 0;
  private pending: Promise<void> | undefined;
  private failure: { readonly error: unknown } | undefined;

  constructor(private readonly write: WriteChunk) {}

  get bytes(): number {
    return this.handedOut + this.at;
  }

  /** Makes sure that so many bytes can be written. */
  reserve(bytes: number): void {
    if (this.at >= CHUNK_BYTES) this.flush();
    if (this.at + bytes <= this.buffer.length) return;
    if (this.at > 0) this.flush();
    if (bytes > this.buffer.length) this.renew(bytes);
  }

  append(text: string): void {
    this.reserve(Buffer.byteLength(text));
    this.at += this.buffer.write(text, this.at);
  }

  /** What to wait for before more is written; undefined when nothing hinders. */
  busy(): Promise<void> | undefined {
    return this.pending;
  }

  /** Hands out what is left; resolves when all of it was taken. */
  async end(): Promise<void> {
    if (this.at > 0) this.flush();
    await this.pending;
    if (this.failure !== undefined) throw this.failure.error;
  }

  private flush(): void {
    const chunk = this.buffer.subarray(0, this.at);
    this.renew(CHUNK_BYTES + SPARE_BYTES);
    this.handedOut += this.at;
    this.at = 0;
    this.hand(chunk);
  }

  private renew(bytes: number): void {
    this.buffer = Buffer.allocUnsafeSlow(bytes);
    this.view = viewOf(this.buffer);
  }

  private hand(chunk: Buffer): void {
    const before = this.pending;
    const taken = before === undefined ? this.write(chunk) : before.then(() => this.write(chunk));
    if (taken === undefined) return;
    const pending: Promise<void> = taken.then(() => {
      if (this.pending === pending) this.pending = undefined;
    });
    // Whoever waits hears of it; when nobody does, the end.
    pending.catch((error: unknown) => (this.failure ??= { error }));
    this.pending = pending;
  }
}
