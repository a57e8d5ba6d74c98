import { joinSql, literal, qualified, sql, type Sql } from "../../sql/sql";
import type { PgConfig } from "./config";
import { queryRows } from "./run";

/** How one replicated table is doing. Times are ISO 8601. */
export interface TableStatus {
  readonly schema: string;
  readonly table: string;
  readonly tenant?: string;
  /** `empty`: nothing has ever been merged into it. */
  readonly state: "empty" | "idle" | "pending" | "merging" | "failing";
  /** Rows merged since the table was made. */
  readonly rowsMerged: number;
  readonly lastMergeAt?: string;
  readonly lastDurationMs?: number;
  /** Rows staged and not merged yet. */
  readonly staged: number;
  /** How long the oldest of them waits. */
  readonly pendingMs?: number;
  /** From the change at the source to its merge, at the last merge. */
  readonly lagMs?: number;
  readonly deadLetters: number;
  readonly lastError?: string;
  /** Newest position that a pipeline has recorded, 50 hex digits. */
  readonly checkpoint?: string;
}

type StatusRow = {
  readonly schema: string;
  readonly table: string;
  readonly tenant: string | null;
  readonly state: TableStatus["state"];
  readonly rows_merged: string;
  readonly last_merge_at: Date | null;
  readonly last_duration_ms: string | null;
  readonly pending_ms: string | null;
  readonly lag_ms: string | null;
  readonly dead_letters: string;
  readonly error: string | null;
  readonly checkpoint: string | null;
  readonly staging: string;
};

const STATUS = sql`
SELECT s.schema_name AS schema, s.table_name AS table, s.customer_id AS tenant, s.status AS state,
  s.total_rows_merged AS rows_merged, s.last_merge_at, s.last_duration_ms, l.pending_ms, l.lag_ms, s.dead_letters,
  CASE WHEN s.error_count > 0 THEN s.last_error END AS error,
  (
    SELECT encode(max(k.position), 'hex') FROM cdc_management.checkpoints AS k
    WHERE k.schema_name = s.schema_name AND k.table_name = s.table_name
  ) AS checkpoint,
  c.staging_name AS staging
FROM cdc_management.v_merge_status AS s
JOIN cdc_management.v_cdc_replication_lag AS l USING (schema_name, table_name)
JOIN cdc_management.merge_control AS c USING (schema_name, table_name)
ORDER BY s.schema_name, s.table_name`;

/**
 * Status of every replicated table of a database, sorted by schema and table; two queries however many there are.
 * @throws CdcError when the database cannot be read or was never deployed to.
 */
export async function readPipelineStatus(config: PgConfig): Promise<readonly TableStatus[]> {
  const rows = await queryRows<StatusRow>(config, STATUS, [], { object: "schema cdc_management" });
  const staged = await countStaged(config, rows);
  return rows.map((row) => statusOf(row, staged.get(`${row.schema}.${row.table}`) ?? 0));
}

/** Rows in the staging tables that are marked; an unmarked one holds none. */
async function countStaged(config: PgConfig, rows: readonly StatusRow[]): Promise<ReadonlyMap<string, number>> {
  const marked = rows.filter(({ pending_ms }) => pending_ms !== null);
  if (marked.length === 0) return new Map();
  const counts = await queryRows<{ name: string; count: string }>(config, joinSql(marked.map(countOf), "\nUNION ALL "));
  return new Map(counts.map(({ name, count }) => [name, Number(count)]));
}

function countOf({ schema, table, staging }: StatusRow): Sql {
  return sql`SELECT ${literal(`${schema}.${table}`)} AS name, count(*) FROM ${qualified(schema, staging)}`;
}

function statusOf(row: StatusRow, staged: number): TableStatus {
  return {
    schema: row.schema,
    table: row.table,
    ...(row.tenant === null ? {} : { tenant: row.tenant }),
    state: stateOf(row, staged),
    rowsMerged: Number(row.rows_merged),
    ...(row.last_merge_at === null ? {} : { lastMergeAt: row.last_merge_at.toISOString() }),
    ...(row.last_duration_ms === null ? {} : { lastDurationMs: Number(row.last_duration_ms) }),
    staged,
    ...(row.pending_ms === null || staged === 0 ? {} : { pendingMs: Number(row.pending_ms) }),
    ...(row.lag_ms === null ? {} : { lagMs: Number(row.lag_ms) }),
    deadLetters: Number(row.dead_letters),
    ...(row.error === null ? {} : { lastError: row.error }),
    ...(row.checkpoint === null ? {} : { checkpoint: row.checkpoint }),
  };
}

/** A mark without a staged row, as a merge that ended in between leaves it, keeps nobody waiting. */
function stateOf({ state, last_merge_at }: StatusRow, staged: number): TableStatus["state"] {
  const settled = state === "pending" && staged === 0 ? "idle" : state;
  return settled === "idle" && last_merge_at === null ? "empty" : settled;
}
