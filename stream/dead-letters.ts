import type { PgConfig } from "../databases/postgres/config";
import { queryRows } from "../databases/postgres/run";

/** An event that could not be stored, waiting for somebody to look at it. */
export interface DeadLetter {
  readonly id: string;
  /** Sink schema and table; empty when none was found for the event. */
  readonly schema: string;
  readonly table: string;
  readonly pipeline: string | null;
  /** 50 hex digits. */
  readonly position: string | null;
  readonly operation: string | null;
  /** JSON text: the envelope, `{"text": …}` around what is not one, or a staged row. */
  readonly payload: string;
  /** The payload is a row of the staging table. */
  readonly staged: boolean;
  readonly reason: string;
  readonly sqlstate: string | null;
  readonly attempts: number;
  /** ISO 8601. */
  readonly firstSeen: string;
  readonly lastTried: string;
}

/** Which open dead letters. */
export interface DeadLetterFilter {
  /** `schema.table` in the sink, or the table alone. */
  readonly table?: string;
  readonly ids?: readonly string[];
  /** Only those after this id. */
  readonly after?: string;
  /** At most so many, oldest first; default 1,000. */
  readonly limit?: number;
}

const LIMIT = 1_000;
const ISO = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;
const SELECT = `SELECT id::text, schema_name AS schema, table_name AS table, pipeline, encode(position, 'hex') AS position,
    operation, payload::text, staged, reason, sqlstate, attempts,
    to_char(first_seen AT TIME ZONE 'UTC', ${ISO}) AS "firstSeen", to_char(last_tried AT TIME ZONE 'UTC', ${ISO}) AS "lastTried"
  FROM cdc_management.dead_letters
  WHERE resolved_at IS NULL AND ($1::text IS NULL OR $1 IN (table_name, schema_name || '.' || table_name))
    AND ($2::bigint[] IS NULL OR id = ANY ($2)) AND ($3::bigint IS NULL OR id > $3)
  ORDER BY dead_letters.id LIMIT $4`;

/** Open dead letters, oldest first. */
export async function listDeadLetters(config: PgConfig, filter: DeadLetterFilter = {}): Promise<readonly DeadLetter[]> {
  const { table, ids, after, limit = LIMIT } = filter;
  const params = [table ?? null, ids === undefined ? null : [...ids], after ?? null, limit];
  return queryRows<DeadLetter & Record<string, unknown>>(config, SELECT, params, { object: "dead letters" });
}
