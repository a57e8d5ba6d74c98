/** Memory for the chunks of several queues that are filled one after the other. */
export class Room {
  private bytes = 0;
  private wake: () => void = () => undefined;

  constructor(private readonly size: number) {}

  /** Takes so many bytes; resolves once more may come, undefined when that is now. */
  take(bytes: number): Promise<void> | undefined {
    this.bytes += bytes;
    return this.bytes < this.size ? undefined : new Promise((resolve) => (this.wake = resolve));
  }

  free(bytes: number): void {
    this.bytes -= bytes;
    if (this.bytes < this.size) this.wake();
  }

  /** Lets whoever waits go on. */
  open(): void {
    this.wake();
  }
}

/** Chunks on their way from a reader to a writer; the reader waits while the room is full. */
export class ChunkQueue {
  private readonly chunks: Buffer[] = [];
  private ended = false;
  private wakeWriter: () => void = () => undefined;

  constructor(private readonly room: Room) {}

  /** Takes a chunk; resolves once another one may come. After {@link end} it is dropped. */
  push(chunk: Buffer): Promise<void> | undefined {
    if (this.ended) return undefined;
    this.chunks.push(chunk);
    this.wakeWriter();
    return this.room.take(chunk.length);
  }

  /** No chunk will come any more. */
  end(): void {
    this.ended = true;
    this.wakeWriter();
  }

  /** The next chunk; undefined at the end. */
  async next(): Promise<Buffer | undefined> {
    while (this.chunks.length === 0 && !this.ended) await new Promise<void>((resolve) => (this.wakeWriter = resolve));
    const chunk = this.chunks.shift();
    if (chunk !== undefined) this.room.free(chunk.length);
    return chunk;
  }
}
