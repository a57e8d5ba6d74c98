import type { PgConfig } from "../databases/postgres/config";
import { queryRows } from "../databases/postgres/run";
import { CdcError } from "../lib/errors";
import { countsOf, type MergeCounts } from "./sinks/load-result";

/** One merge that was run, or failed. */
export interface MergedTable {
  /** `schema.table` in the sink. */
  readonly table: string;
  readonly counts: MergeCounts;
  /** The server's message when the merge failed; it is tried again later. */
  readonly error?: string;
}

interface Merged extends Record<string, unknown> {
  readonly table_id: number | null;
  readonly name: string | null;
  readonly done: { readonly table_id: number; readonly result?: unknown; readonly error?: string } | null;
}

const NEXT = `SELECT n.done, c.schema_name || '.' || c.table_name AS name
  FROM (SELECT cdc_management.merge_next($1::integer[]) AS done) AS n
  LEFT JOIN cdc_management.merge_control AS c ON c.table_id = (n.done ->> 'table_id')::integer`;
const ONE = "SELECT cdc_management.manual_merge($1, $2) AS result";
const FIND = `SELECT schema_name AS schema, table_name AS table FROM cdc_management.merge_control
  WHERE unregistered_at IS NULL AND $1 IN (table_name, schema_name || '.' || table_name)`;

/**
 * Merges every table that has staged rows, one transaction each, until none is left. A table that fails is left for
 * later and the others go on.
 */
export async function mergePending(config: PgConfig, signal?: AbortSignal): Promise<readonly MergedTable[]> {
  const merged: MergedTable[] = [];
  const failed: number[] = [];
  while (signal?.aborted !== true) {
    const [row] = await queryRows<Merged>(config, NEXT, [failed], { object: "pending merges" });
    const done = row?.done;
    if (row === undefined || done === null || done === undefined) break;
    if (done.error !== undefined) failed.push(done.table_id);
    const error = done.error === undefined ? {} : { error: done.error };
    merged.push({ table: row.name ?? String(done.table_id), counts: countsOf(done.result), ...error });
  }
  return merged;
}

/**
 * Merges all that is staged for one table, named `schema.table`, or `table` when only one has that name.
 * @throws CdcError `CDC_TABLE_UNKNOWN`.
 */
export async function mergeTable(config: PgConfig, name: string): Promise<MergedTable> {
  const found = await queryRows<{ schema: string; table: string }>(config, FIND, [name], { object: `table ${name}` });
  const [only] = found;
  if (only === undefined || found.length > 1) {
    const problem = only === undefined ? "no deployed table has this name" : "several deployed tables have this name";
    throw new CdcError("CDC_TABLE_UNKNOWN", `--table ${name}: ${problem}`, {
      hint: "Name it as schema.table; `cdc status` lists them.",
    });
  }
  const { schema, table } = only;
  const rows = await queryRows<{ result: unknown }>(config, ONE, [schema, table], {
    object: `table ${schema}.${table}`,
  });
  return { table: `${schema}.${table}`, counts: countsOf(rows[0]?.result) };
}
