import type { MsSqlConfig } from "../../databases/sqlserver/config";
import { copyChanges, type CopiedChanges } from "../copy/change-copier";
import { readCommitTimes } from "../copy/commit-times";
import type { CaptureReader } from "../sources/capture-reader";
import { findGap } from "../sources/require-complete";
import { ChunkQueue, Room } from "./chunk-queue";
import { StreamFailure } from "./failures";
import type { TableRead, Window } from "./window";

/** Where a window is read from. */
export interface FeedSource {
  readonly config: MsSqlConfig;
  readonly reader: Pick<CaptureReader, "startLsns">;
  readonly pipeline: string;
  /** Bytes that may wait for the sink. */
  readonly room: number;
  /** Told why rows come by the driver's own parser, which is several times slower. */
  readonly onPlain: (reason: string) => void;
}

/** The rows of one read of a window, on their way. */
export interface FedRead {
  readonly read: TableRead;
  readonly chunks: ChunkQueue;
  /** Known once all chunks are taken. */
  copied: CopiedChanges | undefined;
}

/** Reads a window ahead of the sink: table by table, as COPY text, with as many bytes in memory as there is room. */
export class WindowFeed {
  readonly reads: readonly FedRead[];
  /** Settled once everything was read and nothing turned out to be missing; rejects with StreamFailure. */
  readonly finished: Promise<void>;
  private readonly abortion = new AbortController();
  private readonly room: Room;
  /** True once reading failed: what came so far is not all. */
  failed = false;
  private readonly stop = (): void => {
    this.abort();
  };
  private noteReady: () => void = () => undefined;
  private readonly full = new Promise<void>((resolve) => (this.noteReady = resolve));

  constructor(
    private readonly source: FeedSource,
    readonly window: Window,
    private readonly signal: AbortSignal,
  ) {
    this.room = new Room(source.room);
    this.reads = window.reads.map((read) => ({ read, chunks: new ChunkQueue(this.room), copied: undefined }));
    signal.addEventListener("abort", this.stop);
    this.finished = this.readAll();
    // Whoever waits for the window hears of it.
    this.finished.catch(() => undefined);
  }

  /** Resolves when the sink should begin: all is read, or memory is full. Rejects as {@link finished}. */
  async ready(): Promise<void> {
    await Promise.race([this.finished, this.full]);
  }

  /** Stops reading; what waits is dropped. */
  abort(): void {
    this.signal.removeEventListener("abort", this.stop);
    this.failed = true;
    this.abortion.abort(new Error("the window was given up"));
    for (const { chunks } of this.reads) chunks.end();
    this.room.open();
  }

  private async readAll(): Promise<void> {
    try {
      await this.readTables();
      if (!this.window.careful) await this.check();
    } catch (error) {
      this.failed = true;
      throw error instanceof StreamFailure ? error : new StreamFailure("source", undefined, error);
    } finally {
      for (const { chunks } of this.reads) chunks.end();
    }
  }

  private async readTables(): Promise<void> {
    const { signal } = this.abortion;
    const { after, end } = this.window;
    const { pipeline: origin, onPlain } = this.source;
    if (this.reads.length === 0 || this.window.careful) return;
    const commitTimes = await readCommitTimes(this.source.config, { after, upTo: end, signal });
    for (const fed of this.reads) {
      const { table, instance, after: from, upTo } = fed.read;
      const copy = {
        shape: table.shape,
        origin,
        instance,
        after: from,
        upTo,
        commitTimes,
        signal,
        onPlain,
      };
      try {
        fed.copied = await copyChanges(this.source.config, copy, (chunk) => this.take(fed, chunk));
      } catch (error) {
        this.failed = true;
        throw new StreamFailure("source", table.name, error);
      } finally {
        fed.chunks.end();
      }
    }
  }

  private take({ chunks }: FedRead, chunk: Buffer): Promise<void> | undefined {
    const wait = chunks.push(chunk);
    if (wait !== undefined) this.noteReady();
    return wait;
  }

  /** @throws StreamFailure of a table of which cleanup has taken what was to be read. */
  async check(): Promise<void> {
    const gap = await findGap(this.source.reader, this.window.guarded, this.window.end);
    if (gap !== undefined) throw new StreamFailure("source", gap.of.table.name, gap.error);
  }
}
