import type { Value, Values } from "../values/value";
import type { CheckConstraint, Column, ForeignKey, Identity } from "./column";
import type { Database } from "./database";
import type { PackedRows } from "./packed-rows";
import type { Row, Version } from "./row";
import type { Schema } from "./database";
import { SortedRows } from "./sorted-rows";
import { TableIndex, type IndexShape } from "./table-index";
import type { Transaction } from "./transaction";

/** A table: its shape and its rows. Who may change what is decided in `write.ts`. */
export class Table {
  columns: readonly Column[] = [];
  indexes: readonly TableIndex[] = [];
  checks: readonly CheckConstraint[] = [];
  foreignKeys: readonly ForeignKey[] = [];
  identity: Identity | undefined;
  /** Made by the server, such as a change table. */
  msShipped = false;
  /** The right to read it was taken away. */
  denied = false;
  readonly createdAt: bigint;
  modifiedAt: bigint;
  /** Readers of REPEATABLE READ and SERIALIZABLE, whom writers wait for. */
  readonly sharedBy = new Set<Transaction>();
  /** Who changes its shape, or took TABLOCKX; everybody else waits. */
  exclusiveBy: Transaction | undefined;
  /** Transactions with rows here that aren't committed. */
  readonly writers = new Set<Transaction>();
  /** Rows that were ever put in by {@link attach}. */
  arrivals = 0;
  private readonly heap = new SortedRows((a, b) => a.id - b.id);
  private lastColumnId = 0;

  constructor(
    readonly id: number,
    public name: string,
    readonly schema: Schema,
    readonly database: Database,
    now: bigint,
  ) {
    this.createdAt = now;
    this.modifiedAt = now;
  }

  /** `database.schema.table`, as error messages have it. */
  get fullName(): string {
    return `${this.database.name}.${this.schema.name}.${this.name}`;
  }

  /** `schema.table`. */
  get twoPartName(): string {
    return `${this.schema.name}.${this.name}`;
  }

  get clustered(): TableIndex | undefined {
    return this.indexes.find(({ shape }) => shape.clustered);
  }

  get primaryKey(): TableIndex | undefined {
    return this.indexes.find(({ shape }) => shape.primaryKey);
  }

  /** Rows in the order of the clustered index, or as they came. */
  get rows(): SortedRows {
    return this.clustered?.rows ?? this.heap;
  }

  nextColumnId(): number {
    return ++this.lastColumnId;
  }

  /** The column of that name, whatever the case. */
  column(name: string): Column | undefined {
    const folded = name.toLowerCase();
    return this.columns.find((column) => column.name.toLowerCase() === folded);
  }

  ordinalOf(column: Column): number {
    return this.columns.findIndex(({ id }) => id === column.id);
  }

  /** Puts a row into every index. */
  attach(row: Row): void {
    this.arrivals++;
    this.heap.add(row);
    for (const index of this.indexes) index.rows.add(row);
  }

  /** Puts a row behind all others, whose keys are known to be lower. */
  append(row: Row): void {
    this.heap.append(row);
    for (const index of this.indexes) index.rows.append(row);
  }

  /** Puts a block of rows behind all others; rows may be added to it while it {@link endsWith} it. */
  appendPacked(block: PackedRows): void {
    this.heap.appendPacked(block);
    for (const index of this.indexes) index.rows.appendPacked(block);
  }

  /** Whether a row that is put into the block comes behind all others. */
  endsWith(block: PackedRows): boolean {
    return this.heap.endsWith(block) && this.indexes.every(({ rows }) => rows.endsWith(block));
  }

  /**
   * Takes the rows out whose clustered key comes before. Only for tables whose rows came in the order of that key,
   * and that have no other index. Gives the number of rows.
   */
  dropBefore(key: readonly Value[]): number {
    const { clustered } = this;
    if (!clustered) return 0;
    const gone = clustered.rows.dropBefore(clustered.probe(key));
    const first = clustered.rows.from().next().value?.id ?? Infinity;
    this.heap.dropBefore((row) => row.id - first);
    return gone;
  }

  /** Takes a row out of every index. */
  detach(row: Row): void {
    this.heap.remove(row);
    for (const index of this.indexes) index.rows.remove(row);
  }

  /** Adds an index over the rows that are there. */
  addIndex(shape: IndexShape): TableIndex {
    const index = new TableIndex(shape, this.columns);
    for (const row of this.heap.from()) index.rows.add(row);
    this.indexes = [...this.indexes, index].sort((a, b) => a.shape.id - b.shape.id);
    return index;
  }

  /** index_id of the next index. */
  nextIndexId(clustered: boolean): number {
    return clustered ? 1 : Math.max(1, ...this.indexes.map(({ shape }) => shape.id)) + 1;
  }

  /** Gives the table other columns; every state of every row is written anew. */
  reshape(columns: readonly Column[], change: (values: Values) => Value[]): void {
    const rows = this.heap.snapshot();
    this.columns = columns;
    for (const row of rows) row.version = remade(row.version, change);
    this.indexes = this.indexes.map(({ shape }) => {
      const index = new TableIndex(freshColumns(shape, columns), columns);
      for (const row of rows) index.rows.add(row);
      return index;
    });
  }

  /** Forgets all rows. */
  clear(): void {
    this.heap.clear();
    for (const index of this.indexes) index.rows.clear();
  }

  /** Every row with all its states, for undoing a TRUNCATE. */
  allRows(): Row[] {
    return this.heap.snapshot();
  }
}

function remade(version: Version, change: (values: Values) => Value[]): Version {
  const older = version.older && remade(version.older, change);
  return { ...version, values: version.values && change(version.values), older };
}

function freshColumns(shape: IndexShape, columns: readonly Column[]): IndexShape {
  const fresh = shape.columns.map((key) => ({
    ...key,
    column: columns.find(({ id }) => id === key.column.id) ?? key.column,
  }));
  return { ...shape, columns: fresh };
}
