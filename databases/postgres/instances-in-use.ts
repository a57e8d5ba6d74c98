import { sql } from "../../sql/sql";
import type { PgConfig } from "./config";
import { errorCode } from "./errors";
import { queryRows } from "./run";

/** A captured table by its names at the source. */
export interface StreamedTable {
  /** `<server>/<database>`. */
  readonly source: string;
  readonly schema: string;
  readonly table: string;
}

const IN_USE = sql`SELECT t.capture_instance FROM cdc_management.source_tables AS t
JOIN cdc_management.merge_control AS c ON c.schema_name = t.schema_name AND c.table_name = t.table_name
WHERE t.source = $1 AND c.unregistered_at IS NULL
  AND c.shape #>> '{source,schema}' = $2 AND c.shape #>> '{source,table}' = $3`;

/** No database, schema or table: nothing was ever streamed into it. */
const NEVER_STREAMED = new Set(["3D000", "3F000", "42P01"]);

/** Stands for an instance that a stream has not named yet. */
const NOT_NAMED = "";

/**
 * Capture instances that streams into a sink read a table from; empty when none ever did.
 * @throws CdcError when the database cannot be asked.
 */
export async function instancesInUse(config: PgConfig, { source, schema, table }: StreamedTable): Promise<string[]> {
  try {
    const rows = await queryRows<{ capture_instance: string | null }>(config, IN_USE, [source, schema, table]);
    return rows.map((row) => row.capture_instance ?? NOT_NAMED);
  } catch (error) {
    if (NEVER_STREAMED.has(errorCode(error) ?? "")) return [];
    throw error;
  }
}
