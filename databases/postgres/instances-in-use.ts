import { sql } from "../../sql/sql";
import type { PgConfig } from "./config";
import { errorCode } from "./errors";
import { queryRows } from "./run";

/** A captured table as the sink knows it. */
export interface StreamedTable {
  /** `<server>/<database>`. */
  readonly source: string;
  readonly schema: string;
  readonly table: string;
}

const IN_USE = sql`SELECT capture_instance FROM cdc_management.source_tables
WHERE source = $1 AND schema_name = $2 AND table_name = $3`;

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
