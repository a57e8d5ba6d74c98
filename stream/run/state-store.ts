import type { Lsn } from "../../model/lsn";
import type { TableShape } from "../../model/table-shape";
import type { PgClient } from "../sinks/session";
import { readOwnRows } from "../snapshot/own-rows";
import type { StreamProblem, TableState } from "../stream-events";
import type { SnapshotProgress } from "./snapshot-context";

/** Where a source's state is kept. */
export interface SourcePlace {
  readonly pipeline: string;
  readonly source: string;
}

/** A source as the sink knows it. */
export interface StoredSource {
  readonly position: Lsn | undefined;
  readonly commitTime: Date | undefined;
  readonly transactions: number;
  readonly events: number;
  readonly problem: StreamProblem | undefined;
  readonly tables: ReadonlyMap<string, StoredTable>;
}

/** A table of a source as the sink knows it. */
export interface StoredTable {
  readonly schema: string;
  readonly table: string;
  readonly state: TableState;
  readonly position: Lsn | undefined;
  readonly instance: string | undefined;
  readonly columns: readonly string[] | undefined;
  readonly snapshot: SnapshotProgress | undefined;
  readonly events: number;
  readonly deadLetters: number;
  readonly problem: StreamProblem | undefined;
}

/** What is to be written about a table; what isn't named stays, null takes it away. */
export interface TableChange {
  readonly schema: string;
  readonly table: string;
  readonly state?: TableState;
  readonly position?: Lsn | null;
  readonly instance?: string | null;
  readonly columns?: readonly string[];
  readonly snapshot?: SnapshotProgress | null;
  readonly problem?: StreamProblem | null;
}

/** What is to be written about a source. */
export interface SourceChange {
  readonly position?: Lsn;
  readonly commitTime?: Date;
  readonly seen?: Lsn;
  readonly transactions?: number;
  readonly events?: number;
  readonly tables?: readonly { readonly schema: string; readonly table: string; readonly events: number }[];
  readonly problem?: StreamProblem;
  /** The position may go back: the source's history was rewritten. */
  readonly rewound?: boolean;
}

const SOURCE = `SELECT encode(position, 'hex') AS position, commit_time, transactions, events, problem
  FROM cdc_management.sources WHERE pipeline = $1 AND source = $2`;
const TABLES = `SELECT t.schema_name, t.table_name, t.state, encode(t.position, 'hex') AS position, t.capture_instance,
    t.columns, t.snapshot, t.events, t.problem, (
      SELECT count(*) FROM cdc_management.dead_letters AS d
      WHERE d.schema_name = t.schema_name AND d.table_name = t.table_name AND d.resolved_at IS NULL
    ) AS dead
  FROM cdc_management.source_tables AS t WHERE t.pipeline = $1 AND t.source = $2 AND (
    t.relation IS NULL OR t.relation = (
      SELECT r.oid FROM pg_class AS r JOIN pg_namespace AS n ON n.oid = r.relnamespace
      WHERE n.nspname = t.schema_name AND r.relname = t.table_name
    )
  )`;
const RECORD_SOURCE = `SELECT cdc_management.record_source($1, $2, $3::bigint, decode($4, 'hex'), $5::timestamptz,
  decode($6, 'hex'), $7, $8, $9::jsonb, $10::jsonb, $11)`;
const RECORD_TABLE = "SELECT cdc_management.record_source_table($1, $2, $3::bigint, $4, $5, $6::jsonb)";
const ELSEWHERE = `SELECT FROM cdc_management.source_tables AS t
  JOIN cdc_management.merge_control AS c ON c.schema_name = t.schema_name AND c.table_name = t.table_name
  WHERE t.source <> $1 AND t.schema_name = $2 AND t.table_name = $3
    AND NOT c.shape ? 'tenants' AND c.shape #>> '{source,database}' IS NOT NULL LIMIT 1`;
const FORGET = "SELECT cdc_management.forget_positions($1, $2, $3::bigint, $4, $5, $6::jsonb)";

interface SourceRow {
  readonly position: Lsn | null;
  readonly commit_time: Date | null;
  readonly transactions: string;
  readonly events: string;
  readonly problem: StreamProblem | null;
}

interface TableRow {
  readonly schema_name: string;
  readonly table_name: string;
  readonly state: TableState;
  readonly position: Lsn | null;
  readonly capture_instance: string | null;
  readonly columns: readonly string[] | null;
  readonly snapshot: SnapshotProgress | null;
  readonly events: string;
  readonly problem: StreamProblem | null;
  readonly dead: string;
}

/** What the sink knows of a source and its tables, by `schema.table`; nothing of those that were made anew since. */
export async function readSourceState(client: PgClient, { pipeline, source }: SourcePlace): Promise<StoredSource> {
  const found = await client.query<SourceRow>(SOURCE, [pipeline, source]);
  const tables = await client.query<TableRow>(TABLES, [pipeline, source]);
  const row = found.rows[0];
  return {
    position: row?.position ?? undefined,
    commitTime: row?.commit_time ?? undefined,
    transactions: Number(row?.transactions ?? 0),
    events: Number(row?.events ?? 0),
    problem: row?.problem ?? undefined,
    tables: new Map(tables.rows.map((table) => [`${table.schema_name}.${table.table_name}`, storedTable(table)])),
  };
}

/** Writes a source's position and counts in the current transaction, fenced by the token. */
export async function recordSource(
  client: PgClient,
  { pipeline, source }: SourcePlace,
  token: string,
  change: SourceChange,
): Promise<void> {
  const { position, commitTime, seen, transactions = 0, events = 0, tables, problem, rewound = false } = change;
  await client.query(RECORD_SOURCE, [
    ...[pipeline, source, token, position ?? null, commitTime?.toISOString() ?? null, seen ?? null],
    ...[transactions, events, tables === undefined ? null : JSON.stringify(tables), problemText(problem), rewound],
  ]);
}

/** Writes what changed about a table in the current transaction, fenced by the token. */
export async function recordTable(
  client: PgClient,
  { pipeline, source }: SourcePlace,
  token: string,
  { schema, table, instance, problem, ...rest }: TableChange,
): Promise<void> {
  const change = {
    ...rest,
    ...(instance === undefined ? {} : { capture_instance: instance }),
    ...(problem === undefined ? {} : { problem: problem === null ? null : plainProblem(problem) }),
  };
  await client.query(RECORD_TABLE, [pipeline, source, token, schema, table, JSON.stringify(change)]);
}

/**
 * Forgets where the rows of a source in a table come from in its history, in the current transaction, fenced by the
 * token: that history is another one now.
 */
export async function forgetPositions(
  client: PgClient,
  { pipeline, source }: SourcePlace,
  token: string,
  shape: TableShape,
): Promise<void> {
  const { database, tenant } = await readOwnRows(client, shape);
  const own = { database, tenant: Object.fromEntries(tenant.map(({ column, value }) => [column, value])) };
  await client.query(FORGET, [pipeline, source, token, shape.schema, shape.table, JSON.stringify(own)]);
}

/** Whether another source than this has fed a table that only one can feed. */
export async function wasElsewhere(
  client: PgClient,
  { source }: SourcePlace,
  { schema, table }: TableShape,
): Promise<boolean> {
  return (await client.query(ELSEWHERE, [source, schema, table])).rows.length > 0;
}

/** The problem alone, when it is an error. */
export function plainProblem({ code, message, hint }: StreamProblem): StreamProblem {
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}

function problemText(problem: StreamProblem | undefined): string | null {
  return problem === undefined ? null : JSON.stringify(plainProblem(problem));
}

function storedTable(row: TableRow): StoredTable {
  return {
    schema: row.schema_name,
    table: row.table_name,
    state: row.state,
    position: row.position ?? undefined,
    instance: row.capture_instance ?? undefined,
    columns: row.columns ?? undefined,
    snapshot: row.snapshot ?? undefined,
    events: Number(row.events),
    deadLetters: Number(row.dead),
    problem: row.problem ?? undefined,
  };
}
