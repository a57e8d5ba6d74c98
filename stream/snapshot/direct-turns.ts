/**
 * Which chunks go straight into the final table. That is refused where the stream has been before: then the next ones go
 * through staging, twice as many after each refusal in a row.
 */
export class DirectTurns {
  private pause = 0;
  private left = 0;

  /** @param allowed False: never. */
  constructor(private readonly allowed: boolean) {}

  isNext(): boolean {
    if (!this.allowed) return false;
    if (this.left === 0) return true;
    this.left -= 1;
    return false;
  }

  went(well: boolean): void {
    this.pause = well ? 0 : Math.max(1, this.pause * 2);
    this.left = this.pause;
  }
}
