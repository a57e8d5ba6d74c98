import type { HistoryEntry } from "../../sql/history";
import type { Difference } from "../compare/live-unit";
import type { InspectedUnit } from "../compare/inspect";

/** What apply does with a table in a schema. */
export type UnitAction =
  /** Table, staging table and procedure are made. */
  | "create"
  /** Pending steps take the table to what the files want. */
  | "evolve"
  /** What is missing, or was changed by hand and holds no rows for good, is made again. */
  | "mend"
  /** The table itself is altered to what the files want, without a step (`--repair`). */
  | "repair"
  /** Somebody else's table is checked; staging table and procedure are made. */
  | "validate"
  /** Edited files are run again because that was asked for (`--force`). */
  | "force"
  | "none";

/** One table in one schema: what is sent in one transaction, and what is told. */
export interface UnitWork {
  readonly inspected: InspectedUnit;
  readonly action: UnitAction;
  /** What is sent; filled in when it is asked for, while the server works on others. Empty when the action is `none`. */
  readonly statements: () => readonly string[];
  /** Rows that are written together with the statements. */
  readonly history: readonly HistoryEntry[];
  /** The result is compared with the files before it is committed. */
  readonly looked: boolean;
  /** What the database had otherwise, that this work changes. */
  readonly changes: readonly Difference[];
  /** What is left as it is, and doesn't stop the table from working. */
  readonly warnings: readonly Difference[];
  /** What is left as it is, and needs a person. */
  readonly problems: readonly Difference[];
  /** When the statements fail or don't lead there: the same without the first step, which the table may have in it. */
  readonly otherwise?: UnitWork;
}

/** `north.Actor` */
export function nameOf({ inspected }: Pick<UnitWork, "inspected">): string {
  const { schema, table } = inspected.wanted.table;
  return `${schema}.${table}`;
}
