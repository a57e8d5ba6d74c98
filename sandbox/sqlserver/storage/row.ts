import type { Values } from "../values/value";
import type { Table } from "./table";
import type { Transaction } from "./transaction";

/** One state of a row. */
export interface Version {
  /** Absent when the row is deleted. */
  readonly values: Values | undefined;
  /** Who wrote it, until that transaction has committed. */
  writer: Transaction | undefined;
  /** Number of the commit that made it visible. */
  commit: number;
  older: Version | undefined;
}

/** A row: its states, newest first. Columns of indexes never change in it; such an update is a new row. */
export interface Row {
  /** Grows with each row of the instance: the order of a heap. */
  readonly id: number;
  readonly table: Table;
  version: Version;
}

/** Whose states a reader sees. */
export interface ReadView {
  /** Its own writes are visible to it. */
  readonly transaction: Transaction | undefined;
  /** The last commit that it sees. */
  readonly asOf: number;
  /** Sees what isn't committed, too. */
  readonly dirty: boolean;
}

/** The values that a reader sees; undefined when there is no such row for it. */
export function visible(row: Row, view: ReadView): Values | undefined {
  for (let version: Version | undefined = row.version; version; version = version.older) {
    if (version.writer === undefined) {
      if (version.commit <= view.asOf) return version.values;
    } else if (view.dirty || version.writer === view.transaction) {
      return version.values;
    }
  }
  return undefined;
}
