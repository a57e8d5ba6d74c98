import type { Values } from "../values/value";
import { visible, type ReadView, type Row, type Version } from "./row";
import type { Table } from "./table";

/** Neighbouring rows that are kept as bytes; one of them is made a row once somebody asks for it. */
export interface PackedRows {
  /** Grows while rows are appended. */
  readonly length: number;
  /** Number of the newest commit among them. */
  readonly lastCommit: number;
  /** True once a row has another state than the one that it was packed with. */
  touched: boolean;
  /** The very row, the same each time. */
  row(at: number): Row;
  /** A likeness of the row, to look at its values and no more. */
  peek(at: number): Row;
  /** The values that a row was packed with. */
  values(at: number): Values;
}

/** Some neighbouring rows of a packed block. */
export interface PackedRange {
  readonly packed: PackedRows;
  readonly from: number;
  readonly to: number;
}

/** A row that was packed; its block hears of it when it gets another state. */
export class UnpackedRow implements Row {
  constructor(
    readonly id: number,
    readonly table: Table,
    private current: Version,
    private readonly block: PackedRows | undefined,
  ) {}

  get version(): Version {
    return this.current;
  }

  set version(version: Version) {
    this.current = version;
    if (this.block) this.block.touched = true;
  }
}

export function isPacked(rows: readonly unknown[] | PackedRows): rows is PackedRows {
  return !Array.isArray(rows);
}

/** True when every reader with that view sees the rows as they were packed. */
export function isPlain({ touched, lastCommit }: PackedRows, view: ReadView): boolean {
  return !touched && lastCommit <= view.asOf;
}

/** The values that a reader sees of a packed row. */
export function seen(packed: PackedRows, at: number, view: ReadView): Values | undefined {
  return isPlain(packed, view) ? packed.values(at) : visible(packed.row(at), view);
}
