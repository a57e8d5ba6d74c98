/** A chunk should take about this long: it holds the table's merge lock, and is what a restart repeats. */
const TARGET_MS = 250;
const FIRST_ROWS = 2_000;
const FIRST_LARGE_ROWS = 100;
const FEWEST_ROWS = 20;
const MOST_ROWS = 200_000;
const GROWTH = 4;

/** Number of rows of the next chunk, so that a chunk takes about a quarter of a second whatever the rows are. */
export class ChunkSize {
  private current: number;

  /**
   * @param fixed That many rows, always.
   * @param hasLarge Rows may be megabytes each: begins with few.
   */
  constructor(
    private readonly fixed?: number,
    hasLarge = false,
  ) {
    this.current = fixed ?? (hasLarge ? FIRST_LARGE_ROWS : FIRST_ROWS);
  }

  get rows(): number {
    return this.current;
  }

  /** Tells how long so many rows took. */
  took(rows: number, durationMs: number): void {
    if (this.fixed !== undefined || rows < this.current / 2) return;
    const wanted = (rows * TARGET_MS) / Math.max(1, durationMs);
    const bounded = Math.min(this.current * GROWTH, Math.max(this.current / GROWTH, wanted));
    this.current = Math.round(Math.min(MOST_ROWS, Math.max(FEWEST_ROWS, bounded)));
  }
}
