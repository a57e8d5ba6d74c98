import type { PgConfig } from "./config";
import { queryRows } from "./run";

/** How far a pipeline has got in a source database, as the sink knows it. Times are ISO 8601. */
export interface SourceStatus {
  readonly pipeline: string;
  /** `<server>/<database>`. */
  readonly source: string;
  /** Every change up to this LSN is in the sink, 20 hex digits; absent before the first start has finished. */
  readonly position?: string;
  /** When the change at the position was committed at the source. */
  readonly committedAt?: string;
  /** When the source was last looked at, as far as the sink was told: at rest every half minute. */
  readonly seenAt?: string;
  /** Milliseconds since then. */
  readonly silentMs?: number;
  /** Age of the newest change in the sink while captured ones were missing at the last look; else 0. */
  readonly lagMs?: number;
  /** Process that reads it now, `<host>:<process id>:<random>`; absent when none does. */
  readonly reader?: string;
  readonly transactions: number;
  readonly events: number;
  readonly problem?: StoredProblem;
}

/** How far a pipeline is with a table of a source. */
export interface SourceTableStatus {
  readonly pipeline: string;
  readonly source: string;
  readonly schema: string;
  readonly table: string;
  readonly state: "waiting" | "snapshot" | "streaming" | "catching_up" | "stopped";
  /** Of the source, or its own while it is stopped or catches up. */
  readonly position?: string;
  readonly snapshotPhase?: string;
  /** Rows that the running or last snapshot copied. */
  readonly snapshotRows?: number;
  readonly events: number;
  readonly problem?: StoredProblem;
}

/** Why something doesn't go on, and what to do. */
export interface StoredProblem {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** What the streams of a database are doing. */
export interface StreamsStatus {
  readonly sources: readonly SourceStatus[];
  readonly tables: readonly SourceTableStatus[];
}

type ProblemColumns = {
  readonly problem_code: string | null;
  readonly problem: string | null;
  readonly hint: string | null;
};

type SourceRow = ProblemColumns & {
  readonly pipeline: string;
  readonly source: string;
  readonly position: string | null;
  readonly commit_time: Date | null;
  readonly seen_at: Date | null;
  readonly silent_ms: string | null;
  readonly lag_ms: string | null;
  readonly holder: string | null;
  readonly transactions: string;
  readonly events: string;
};

type TableRow = ProblemColumns & {
  readonly pipeline: string;
  readonly source: string;
  readonly schema_name: string;
  readonly table_name: string;
  readonly state: SourceTableStatus["state"];
  readonly position: string | null;
  readonly snapshot_phase: string | null;
  readonly snapshot_rows: string | null;
  readonly events: string;
};

const KNOWN = "SELECT to_regclass('cdc_management.v_source_tables') IS NOT NULL AS known";
// One whose tables are all gone was taken out of the configuration.
const SOURCES = `
SELECT pipeline, source, position, commit_time, seen_at, holder, transactions, events, problem_code, problem, hint,
  (1000 * extract(epoch FROM clock_timestamp() - seen_at))::bigint AS silent_ms,
  CASE
    WHEN seen_lsn IS NULL THEN NULL
    WHEN position >= seen_lsn THEN 0
    ELSE greatest(0, (1000 * extract(epoch FROM clock_timestamp() - commit_time))::bigint)
  END AS lag_ms
FROM cdc_management.v_sources AS s
WHERE NOT EXISTS (SELECT FROM cdc_management.source_tables AS t WHERE (t.pipeline, t.source) = (s.pipeline, s.source))
  OR EXISTS (
    SELECT FROM cdc_management.source_tables AS t
    JOIN cdc_management.merge_control AS c ON c.schema_name = t.schema_name AND c.table_name = t.table_name
    WHERE (t.pipeline, t.source) = (s.pipeline, s.source) AND c.unregistered_at IS NULL
  )`;
const TABLES = `
SELECT pipeline, source, schema_name, table_name, state, position, snapshot_phase, snapshot_rows, events,
  problem_code, problem, hint
FROM cdc_management.v_source_tables`;

/**
 * Status of every stream into a database, from the database alone; nothing of one that was deployed before there were streams.
 * @throws CdcError when the database cannot be read.
 */
export async function readStreamsStatus(config: PgConfig): Promise<StreamsStatus> {
  const about = { object: "schema cdc_management" };
  const [found] = await queryRows<{ known: boolean }>(config, KNOWN, [], about);
  if (found?.known !== true) return { sources: [], tables: [] };
  const [sources, tables] = await Promise.all([
    queryRows<SourceRow>(config, SOURCES, [], about),
    queryRows<TableRow>(config, TABLES, [], about),
  ]);
  return { sources: sources.map(sourceOf), tables: tables.map(tableOf) };
}

function sourceOf(row: SourceRow): SourceStatus {
  return {
    pipeline: row.pipeline,
    source: row.source,
    ...(row.position === null ? {} : { position: row.position }),
    ...(row.commit_time === null ? {} : { committedAt: row.commit_time.toISOString() }),
    ...(row.seen_at === null ? {} : { seenAt: row.seen_at.toISOString() }),
    ...(row.silent_ms === null ? {} : { silentMs: Number(row.silent_ms) }),
    ...(row.lag_ms === null ? {} : { lagMs: Number(row.lag_ms) }),
    ...(row.holder === null ? {} : { reader: row.holder }),
    transactions: Number(row.transactions),
    events: Number(row.events),
    ...problemOf(row),
  };
}

function tableOf(row: TableRow): SourceTableStatus {
  return {
    pipeline: row.pipeline,
    source: row.source,
    schema: row.schema_name,
    table: row.table_name,
    state: row.state,
    ...(row.position === null ? {} : { position: row.position }),
    ...(row.snapshot_phase === null ? {} : { snapshotPhase: row.snapshot_phase }),
    ...(row.snapshot_rows === null ? {} : { snapshotRows: Number(row.snapshot_rows) }),
    events: Number(row.events),
    ...problemOf(row),
  };
}

function problemOf({ problem_code: code, problem, hint }: ProblemColumns): { problem?: StoredProblem } {
  if (code === null) return {};
  return { problem: { code, message: problem ?? code, ...(hint === null ? {} : { hint }) } };
}
