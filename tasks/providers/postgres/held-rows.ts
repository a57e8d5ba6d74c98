import type { PgConfig } from "../../../databases/postgres/config";
import { errorCode } from "../../../databases/postgres/errors";
import { runStatements } from "../../../databases/postgres/run";
import { integer, qualified, sql } from "../../../sql/sql";
import type { DeployedTaskResource, Holding } from "../../lifecycle/contribution";

/** Nobody waits for a count of millions. */
const MOST_COUNTED = 10_000;
/** The table, its schema or its database is gone. */
const GONE = new Set(["42P01", "3F000", "3D000"]);

/** How many rows the deployed tables hold. */
export async function heldRows(
  deployed: readonly DeployedTaskResource[],
  config: PgConfig,
): Promise<readonly Holding[]> {
  const holdings: Holding[] = [];
  for (const { type, outputs } of deployed) {
    const { schema, table } = outputs;
    if (type !== "SinkTable" || typeof schema !== "string" || typeof table !== "string") continue;
    const count = await rowsOf(config, schema, table);
    holdings.push({ name: `${schema}.${table}`, count, orMore: count === MOST_COUNTED, noun: "rows" });
  }
  return holdings;
}

async function rowsOf(config: PgConfig, schema: string, table: string): Promise<number> {
  const first = sql`SELECT 1 FROM ${qualified(schema, table)} LIMIT ${integer(MOST_COUNTED)}`;
  try {
    const [answer] = await runStatements(config, [sql`SELECT count(*)::int AS count FROM (${first}) AS held`], {
      object: `table ${schema}.${table}`,
    });
    return Number(answer?.rows[0]?.["count"] ?? 0);
  } catch (error) {
    if (GONE.has(errorCode(error) ?? "")) return 0;
    throw error;
  }
}
