import type { MsSqlConfig } from "../../databases/sqlserver/config";
import { queryRows } from "../../databases/sqlserver/run";
import { estimatedRows } from "../../sql/sqlserver/estimate-statement";
import type { CaptureInstance } from "../sources/capture-instance";

/** About how many rows a captured table has; undefined when the server doesn't say. Never fails: it is for people only. */
export async function estimateRows(
  config: MsSqlConfig,
  { schema, table }: Pick<CaptureInstance, "schema" | "table">,
  signal: AbortSignal,
): Promise<number | undefined> {
  try {
    const [row] = await queryRows(config, estimatedRows(schema, table), [], { signal, attempts: 1 });
    const rows = Number(row?.["rows"] ?? 0);
    return rows > 0 ? rows : undefined;
  } catch {
    return undefined;
  }
}
