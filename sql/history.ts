import { joinSql, literal, sql, userSql, type Sql } from "./sql";
import { renderTemplate } from "./template";

/** How a row came into the history: its statements ran, the object was there already, or came with a newer text. */
export type HistoryOutcome = "applied" | "adopted" | "included" | "forced";

/** One row of `cdc_management.migration_history`. */
export interface HistoryEntry {
  /** Path in the migrations folder; `pulumi/<table>` for what a stack deployed. */
  readonly file: string;
  readonly checksum: string;
  /** Sink schema; absent for what all schemas share. */
  readonly schema?: string;
  readonly category: "infrastructure" | "table" | "staging" | "change" | "pulumi";
  readonly outcome: HistoryOutcome;
  readonly toolVersion: string;
  /** Who; the session's user when absent. */
  readonly by?: string;
}

/** Writes the entries in one statement; a file and schema has one row, the newest. At least one entry. */
export function recordHistory(entries: readonly HistoryEntry[]): Sql {
  return renderTemplate("postgres/management/history.sql", { rows: joinSql(entries.map(rowOf), ",\n  ") });
}

function rowOf({ file, checksum, schema, category, outcome, toolVersion, by }: HistoryEntry): Sql {
  const texts = [file, checksum, schema ?? null, category, outcome, toolVersion].map(literal);
  const who = by === undefined ? userSql("session_user") : literal(by);
  return sql`(${joinSql(texts, ", ")}, ${who})`;
}
