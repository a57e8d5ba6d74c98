/** Batches that are being written: confirmed in the order in which they came, in whichever they end. */
export class WritesInOrder {
  private chain: Promise<void> = Promise.resolve();
  private open = 0;
  private failed = false;
  private makeRoom: () => void = () => undefined;
  private giveUp: () => void = () => undefined;
  private readonly givenUp = new Promise<void>((resolve) => (this.giveUp = resolve));

  /**
   * @param onWritten told of each batch, in order, that it is written
   * @param onFailed told of the first failure; nothing is written any more then
   */
  constructor(
    private readonly most: number,
    private readonly onWritten: (count: number) => void,
    private readonly onFailed: (error: unknown) => void,
  ) {}

  /** @param count lines of the batch that is being written */
  add(count: number, written: Promise<void>): void {
    this.open += 1;
    // It may fail while those before it are still being written.
    written.catch((error: unknown) => this.fail(error));
    this.chain = this.chain.then(() => this.confirm(count, written));
  }

  /** Resolves when one more batch may be written, or nothing more will be. */
  async room(): Promise<void> {
    while (this.open >= this.most && !this.failed) await new Promise<void>((resolve) => (this.makeRoom = resolve));
  }

  /** Resolves when everything is written, or something failed. */
  end(): Promise<void> {
    return Promise.race([this.chain, this.givenUp]);
  }

  private async confirm(count: number, written: Promise<void>): Promise<void> {
    try {
      await written;
    } catch {
      return;
    }
    if (this.failed) return;
    this.open -= 1;
    this.onWritten(count);
    this.makeRoom();
  }

  private fail(error: unknown): void {
    if (this.failed) return;
    this.failed = true;
    this.onFailed(error);
    this.giveUp();
    this.makeRoom();
  }
}
