import { sleep } from "../../lib/retry";

/** Pauses between two looks at a source: the shortest after a change, growing to the longest. */
export interface PauseBounds {
  readonly min?: number;
  readonly max?: number;
}

const MIN_MS = 10;
const MAX_MS = 1_000;
const GROWTH = 1.5;

/** How long to wait between two looks at a source. */
export class Pace {
  private readonly minMs: number;
  private readonly maxMs: number;
  private pauseMs: number;

  constructor(
    { min = MIN_MS, max = MAX_MS }: PauseBounds,
    private readonly signal: AbortSignal,
  ) {
    this.minMs = min;
    this.maxMs = Math.max(min, max);
    this.pauseMs = min;
  }

  /**
   * Waits after a look, not at all when there is more to read; at once when the signal is aborted.
   * @param hasMoved Whether it brought anything.
   */
  async rest(hasMoved: boolean, hasBacklog: boolean): Promise<void> {
    this.pauseMs = hasMoved ? this.minMs : Math.min(this.maxMs, this.pauseMs * GROWTH);
    if (hasMoved && hasBacklog) return;
    await sleep(hasMoved ? this.minMs : this.pauseMs, this.signal).catch(() => undefined);
  }
}
