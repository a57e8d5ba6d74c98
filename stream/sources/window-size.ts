const DEFAULT_ROWS = 60_000;
const FIRST_TRANSACTIONS = 1_000;
const MOST_TRANSACTIONS = 200_000;
const LEAST_TRANSACTIONS = 20;
const GROWTH = 4;

/** How many transactions the next window may have so that it has about as many rows as wished. */
export class WindowSize {
  transactions = FIRST_TRANSACTIONS;

  constructor(private readonly rows = DEFAULT_ROWS) {}

  /** Learns from a window. */
  saw(transactions: number, rows: number): void {
    const perTransaction = Math.max(rows / transactions, 0.1);
    const wanted = Math.round(this.rows / perTransaction);
    const most = Math.min(MOST_TRANSACTIONS, this.transactions * GROWTH);
    this.transactions = Math.max(LEAST_TRANSACTIONS, Math.min(most, wanted));
  }
}
