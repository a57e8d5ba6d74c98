import { isPacked, type PackedRange, type PackedRows } from "./packed-rows";
import type { Row } from "./row";

/** Order of a row against another, or against a key that is searched. */
export type RowOrder = (a: Row, b: Row) => number;

/** Where a searched key lies: below zero when the row comes before it. */
export type Probe = (row: Row) => number;

const BLOCK = 512;

/** Rows in order, in blocks: finding takes two binary searches, inserting moves one block at most. */
export class SortedRows {
  private blocks: (Row[] | PackedRows)[] = [];

  constructor(private readonly order: RowOrder) {}

  get size(): number {
    return this.blocks.reduce((sum, { length }) => sum + length, 0);
  }

  /** Adds a row after those that are equal. */
  add(row: Row): void {
    const last = this.blocks.at(-1);
    const tail = last && peekAt(last, last.length - 1);
    if (!tail || this.order(tail, row) <= 0) {
      this.append(row);
      return;
    }
    const [block, at] = this.find((other) => (this.order(other, row) <= 0 ? -1 : 1));
    const rows = this.unpacked(block);
    rows.splice(at, 0, row);
    if (rows.length > BLOCK * 2) this.blocks.splice(block + 1, 0, rows.splice(BLOCK));
  }

  /** Adds a row that is known to come after all others. */
  append(row: Row): void {
    const last = this.blocks.at(-1);
    if (last && !isPacked(last) && last.length < BLOCK) last.push(row);
    else this.blocks.push([row]);
  }

  /** Adds a block whose rows come after all others; more may be appended to it while it {@link endsWith} it. */
  appendPacked(block: PackedRows): void {
    this.blocks.push(block);
  }

  /** Whether this very block is the last one. */
  endsWith(block: PackedRows): boolean {
    return this.blocks.at(-1) === block;
  }

  /** Takes the first rows out: those that come before the key. Gives their number. */
  dropBefore(probe: Probe): number {
    const [block, at] = this.find(probe);
    const gone = this.blocks.splice(0, block).reduce((sum, rows) => sum + rows.length, 0) + at;
    if (at > 0) {
      const rows = this.unpacked(0);
      rows.splice(0, at);
      if (rows.length === 0) this.blocks.shift();
    }
    return gone;
  }

  /** Takes the very row out. */
  remove(row: Row): void {
    const [block, at] = this.find((other) => this.order(other, row));
    for (let b = block, i = at; b < this.blocks.length; b++, i = 0) {
      const rows = this.unpacked(b);
      for (; i < rows.length; i++) {
        if (rows[i] !== row) continue;
        rows.splice(i, 1);
        if (rows.length === 0) this.blocks.splice(b, 1);
        return;
      }
    }
  }

  /** All rows, from the first one that isn't before the key. */
  *from(probe?: Probe): Generator<Row, void, undefined> {
    const [block, at] = probe ? this.find(probe) : [0, 0];
    for (let b = block, i = at; b < this.blocks.length; b++, i = 0) {
      const rows = this.blocks[b] ?? [];
      for (; i < rows.length; i++) {
        const row = rowAt(rows, i);
        if (row) yield row;
      }
    }
  }

  /** Rows from the first that isn't before `low` to the last that isn't after `high`, in pieces. */
  *between(low: Probe | undefined, high: Probe | undefined): Generator<readonly Row[] | PackedRange, void, undefined> {
    const [block, at] = low ? this.find(low) : [0, 0];
    const [last, end] = high ? this.find((row) => (high(row) <= 0 ? -1 : 1)) : [this.blocks.length, 0];
    for (let b = block; b <= last; b++) {
      const rows = this.blocks[b];
      if (!rows) return;
      const [from, to] = [b === block ? at : 0, b === last ? end : rows.length];
      if (isPacked(rows)) yield { packed: rows, from, to };
      else yield from === 0 && to === rows.length ? rows : rows.slice(from, to);
    }
  }

  /** All rows, the last first. */
  *backwards(): Generator<Row, void, undefined> {
    for (let b = this.blocks.length - 1; b >= 0; b--) {
      const rows = this.blocks[b] ?? [];
      for (let i = rows.length - 1; i >= 0; i--) {
        const row = rowAt(rows, i);
        if (row) yield row;
      }
    }
  }

  /** A copy of the rows; what is changed meanwhile doesn't disturb it. */
  snapshot(): Row[] {
    return this.blocks.flatMap((rows) => (isPacked(rows) ? rowsOf(rows) : rows));
  }

  clear(): void {
    this.blocks = [];
  }

  /** A block's rows, so that some can be put in or taken out. */
  private unpacked(block: number): Row[] {
    const rows = this.blocks[block];
    if (!rows) throw new Error("no such block");
    return isPacked(rows) ? (this.blocks[block] = rowsOf(rows)) : rows;
  }

  /** Block and place of the first row that isn't before the key. */
  private find(probe: Probe): [block: number, at: number] {
    let [low, high] = [0, this.blocks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const rows = this.blocks[middle] ?? [];
      const last = peekAt(rows, rows.length - 1);
      if (last && probe(last) < 0) low = middle + 1;
      else high = middle;
    }
    const rows = this.blocks[low] ?? [];
    let [from, to] = [0, rows.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      const row = peekAt(rows, middle);
      if (row && probe(row) < 0) from = middle + 1;
      else to = middle;
    }
    return [low, from];
  }
}

function rowAt(rows: readonly Row[] | PackedRows, at: number): Row | undefined {
  return isPacked(rows) ? rows.row(at) : rows[at];
}

function peekAt(rows: readonly Row[] | PackedRows, at: number): Row | undefined {
  return isPacked(rows) ? rows.peek(at) : rows[at];
}

function rowsOf(rows: PackedRows): Row[] {
  return Array.from({ length: rows.length }, (_, at) => rows.row(at));
}
