import { sql, type Sql } from "../sql";
import { changeTable } from "./capture-statements";
import { selectChanges, type ChangeSelect } from "./change-statements";

/** Those of later transactions than `@after`. */
const LATER: Sql = sql`__$start_lsn > @after AND __$start_lsn <= @upto`;

/** Those of transaction `@after` behind a row. The first two conditions are a range of the clustered index. */
const WITHIN: Sql = sql`__$start_lsn = @after AND __$command_id >= @command AND (
  __$command_id > @command OR __$seqval > @seqval OR (__$seqval = @seqval AND __$operation > @operation)
)`;

/**
 * The next `@rows` change rows of an instance in the order of the log: those with `@after` < LSN <= `@upto`, or the rest
 * of the transaction `@after` behind the row with `@command`, `@seqval` and `@operation`.
 */
export function changesPage(instance: string, columns: readonly string[], which: "later" | "within"): ChangeSelect {
  return {
    select: selectChanges(instance, columns).select,
    from: sql`FROM ${changeTable(instance)} WHERE ${which === "later" ? LATER : WITHIN}
ORDER BY __$start_lsn, __$command_id, __$seqval, __$operation OFFSET 0 ROWS FETCH NEXT @rows ROWS ONLY`,
  };
}
