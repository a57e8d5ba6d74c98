import type { Socket } from "node:net";

/** How bytes leave, when a fault is on: so many at once, and how long until the next ones. */
export interface Traffic {
  readonly bytes: number;
  readonly everyMs: number;
}

/** Bytes that may wait here before the writer is told to wait. */
const ENOUGH = 65_536;

/** The bare connection; faults hold bytes back here, below TLS. */
export class Wire {
  private pending: Buffer = Buffer.alloc(0);
  private pumping = false;
  private muted = false;
  private readonly waiting: (() => void)[] = [];

  constructor(
    readonly socket: Socket,
    private readonly traffic: () => Traffic | undefined,
  ) {
    socket.on("close", () => {
      this.pending = Buffer.alloc(0);
      this.free();
    });
  }

  /** True when nothing is heard and nothing said any more, though the connection stays open. */
  get isMuted(): boolean {
    return this.muted;
  }

  /** Falls silent, as a peer does whose machine is gone. */
  mute(): void {
    this.muted = true;
  }

  /** Sends bytes now, or as the fault allows. */
  write(bytes: Buffer, done?: () => void): void {
    if (this.socket.destroyed || this.muted) {
      if (!this.muted) done?.();
      return;
    }
    if (!this.pumping && !this.traffic()) {
      this.socket.write(bytes, done);
      return;
    }
    this.pending = Buffer.concat([this.pending, bytes]);
    if (done) this.waiting.push(done);
    if (!this.pumping) this.pump();
  }

  /** Resolves when the client is no longer far behind; undefined when it isn't. */
  drained(): Promise<void> | undefined {
    if (this.pending.length < ENOUGH || this.socket.destroyed) return undefined;
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private pump(): void {
    this.pumping = true;
    const { bytes, everyMs } = this.traffic() ?? { bytes: Infinity, everyMs: 0 };
    setTimeout(() => {
      if (this.muted) return;
      const piece = this.pending.subarray(0, bytes);
      this.pending = this.pending.subarray(piece.length);
      if (!this.socket.destroyed) this.socket.write(piece);
      if (this.pending.length > 0) this.pump();
      else this.free();
    }, everyMs).unref();
  }

  private free(): void {
    this.pumping = false;
    for (const done of this.waiting.splice(0)) done();
  }
}
