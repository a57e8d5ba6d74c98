import type { Hazard } from "../model/hazard";
import type { ColumnRename } from "../model/table-hints";
import type { Sql } from "./sql";

/** One thing that a plan does, as the preview tells it. */
export interface Change {
  /** `TABLE_ADDED`, `COLUMN_ADDED`, `COLUMN_TYPE_CHANGED`, `PRIMARY_KEY_CHANGED`, ... */
  readonly kind: string;
  readonly severity: "info" | "warning" | "breaking";
  /** What it is about, such as `cust01.Actor.Navn`. */
  readonly object: string;
  /** One sentence. */
  readonly summary: string;
  readonly hazard: Hazard;
  /** The statements that make this change; part of {@link Plan.statements}. */
  readonly sql: readonly Sql[];
}

/** A property that makes the plan impossible, for the provider's `check`. */
export interface PlanFailure {
  readonly property: string;
  readonly reason: string;
  /** The failure is a question: whether this removed column is the new one. */
  readonly rename?: ColumnRename;
}

/**
 * What takes one resource from its old properties to its new ones.
 * The handler sends exactly `statements`, in order, as one simple-protocol message: PostgreSQL runs it as one transaction.
 * Conditions on stored rows are statements too: they raise one of {@link ./sqlstates} before anything is changed.
 */
export interface Plan {
  readonly changes: readonly Change[];
  readonly statements: readonly Sql[];
  /** When there are any, nothing may be sent. */
  readonly failures: readonly PlanFailure[];
}

export const EMPTY_PLAN: Plan = { changes: [], statements: [], failures: [] };

/** A plan whose statements are those of its changes, in order. */
export function planOf(changes: readonly Change[], failures: readonly PlanFailure[] = []): Plan {
  return { changes, statements: changes.flatMap((change) => change.sql), failures };
}
