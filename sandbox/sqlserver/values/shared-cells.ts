import type { Values } from "./value";

/** Neighbouring cells that a row has in common with other rows: their bytes are made once for all of them. */
export interface SharedCells {
  /** Position of the first one in the row. */
  readonly first: number;
  readonly cells: Values;
}

const SHARED = Symbol("shared cells");

/** Notes that the row's cells from `first` on are those of the list. */
export function shareCells(row: Values, shared: SharedCells): void {
  (row as { [SHARED]?: SharedCells })[SHARED] = shared;
}

/** The cells that a row shares, if any. */
export function sharedCellsOf(row: Values): SharedCells | undefined {
  return (row as { [SHARED]?: SharedCells })[SHARED];
}
