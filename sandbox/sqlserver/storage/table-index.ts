import { sortComparerOf } from "../values/compare";
import type { Value } from "../values/value";
import type { Column, IndexColumn } from "./column";
import type { Row, Version } from "./row";
import { SortedRows, type Probe } from "./sorted-rows";

/** What an index is, apart from its rows. */
export interface IndexShape {
  /** index_id: 1 for the clustered one, from 2 for others. */
  readonly id: number;
  readonly name: string;
  readonly unique: boolean;
  readonly primaryKey: boolean;
  readonly uniqueConstraint: boolean;
  readonly clustered: boolean;
  readonly columns: readonly IndexColumn[];
  readonly included: readonly string[];
  /** object_id of the key constraint, when it is one. */
  readonly constraintId?: number;
}

/** The values that a row's index entry has: those of its newest state that wasn't a delete. */
export function keyValues(row: Row): readonly Value[] {
  for (let version: Version | undefined = row.version; version; version = version.older) {
    if (version.values) return version.values;
  }
  return [];
}

/** Rows in the order of some columns. */
export class TableIndex {
  readonly rows: SortedRows;
  private ordinals: readonly number[];
  private readonly comparers: readonly ((a: Value, b: Value) => number)[];

  constructor(
    readonly shape: IndexShape,
    columns: readonly Column[],
  ) {
    this.ordinals = this.locate(columns);
    this.comparers = shape.columns.map(({ column, descending }) => {
      const compare = sortComparerOf(column.type);
      return descending ? (a, b) => -compare(a, b) : compare;
    });
    this.rows = new SortedRows((a, b) => this.compareKeys(keyValues(a), keyValues(b)) || a.id - b.id);
  }

  /** Positions of the key's columns in a row. */
  get keyOrdinals(): readonly number[] {
    return this.ordinals;
  }

  /** Columns were added or dropped: positions may have moved. */
  relocate(columns: readonly Column[]): void {
    this.ordinals = this.locate(columns);
  }

  /** Rows whose key begins with these values. */
  *find(prefix: readonly Value[]): Generator<Row, void, undefined> {
    const probe = this.probe(prefix);
    for (const row of this.rows.from(probe)) {
      if (probe(row) !== 0) return;
      yield row;
    }
  }

  /** Compares a row's key with the first values of a key. */
  probe(prefix: readonly Value[]): Probe {
    return (row) => {
      const values = keyValues(row);
      for (const [i, wanted] of prefix.entries()) {
        const difference = this.comparers[i]?.(values[this.ordinals[i] ?? 0] ?? null, wanted) ?? 0;
        if (difference !== 0) return difference;
      }
      return 0;
    };
  }

  /** The key's values of a row. */
  keyOf(values: readonly Value[]): Value[] {
    return this.ordinals.map((ordinal) => values[ordinal] ?? null);
  }

  /** True when a change between the two moves the row in this index. */
  moves(before: readonly Value[], after: readonly Value[]): boolean {
    return (
      this.compareKeys(before, after) !== 0 || this.ordinals.some((o) => !same(before[o] ?? null, after[o] ?? null))
    );
  }

  private compareKeys(a: readonly Value[], b: readonly Value[]): number {
    for (const [i, ordinal] of this.ordinals.entries()) {
      const difference = this.comparers[i]?.(a[ordinal] ?? null, b[ordinal] ?? null) ?? 0;
      if (difference !== 0) return difference;
    }
    return 0;
  }

  private locate(columns: readonly Column[]): number[] {
    return this.shape.columns.map(({ column }) => columns.findIndex(({ id }) => id === column.id));
  }
}

/** Equal to the last bit: `a` and `A` are equal keys and yet another value. */
export function same(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a === null || b === null) return false;
  if (Buffer.isBuffer(a) && Buffer.isBuffer(b)) return a.equals(b);
  if (typeof a !== "object" || typeof b !== "object" || Buffer.isBuffer(a) || Buffer.isBuffer(b)) return false;
  if ("ticks" in a && "ticks" in b) return a.ticks === b.ticks && a.offset === b.offset;
  return "base" in a && "base" in b && a.base.name === b.base.name && same(a.value, b.value);
}
