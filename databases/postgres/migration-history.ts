import type { PgConfig } from "./config";
import { counters, queryRows } from "./run";

/** A row of `cdc_management.migration_history`. */
export interface HistoryRow {
  readonly file: string;
  /** null: what all schemas share. */
  readonly schema: string | null;
  readonly checksum: string;
  readonly outcome: string;
}

// to_jsonb: a history of version 1 has no outcome.
const HISTORY = `
SELECT file_name AS file, schema_name AS schema, checksum, coalesce(to_jsonb(h) ->> 'outcome', 'applied') AS outcome
FROM cdc_management.migration_history AS h
WHERE category <> 'pulumi'`;

/** What was applied from files; only to be asked when the table is there. Throws CdcError when it cannot be read. */
export async function readHistory(config: PgConfig): Promise<readonly HistoryRow[]> {
  counters.catalogQueries += 1;
  return queryRows<HistoryRow & Record<string, unknown>>(config, HISTORY);
}

/** What the server's lock table has room for, and settings that make it so. */
export interface LockRoom {
  readonly maxLocksPerTransaction: number;
  /** max_connections + max_prepared_transactions: the lock table has so many times the former. */
  readonly slots: number;
}

const LOCK_ROOM = `
SELECT current_setting('max_locks_per_transaction')::int AS "maxLocksPerTransaction",
  current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int AS slots`;

/** How many locks one transaction may count on. */
export async function readLockRoom(config: PgConfig): Promise<LockRoom> {
  const [room] = await queryRows<LockRoom & Record<string, unknown>>(config, LOCK_ROOM);
  return room ?? { maxLocksPerTransaction: 64, slots: 100 };
}
