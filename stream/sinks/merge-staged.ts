import type { TableShape } from "../../model/table-shape";
import { callMerge } from "../../sql/load-statements";
import { addCounts, countsOf, NO_COUNTS, type MergeCounts } from "./load-result";
import type { PgClient } from "./session";

/** Merges until nothing is staged, in the caller's transaction. */
export async function mergeStaged(client: PgClient, shape: TableShape): Promise<MergeCounts> {
  let counts = NO_COUNTS;
  // Rows that others left in staging may fill a merge: ours must be in before the checkpoint.
  for (let remaining = 1; remaining > 0;) {
    const { rows } = await client.query<{ result: unknown }>(callMerge(shape));
    const part = countsOf(rows[0]?.result);
    counts = addCounts(counts, part);
    remaining = part.staged > 0 ? part.remaining : 0;
  }
  return counts;
}
