import { sql, type Sql } from "../sql";
import { changeTable, utcMoment } from "./capture-statements";
import { bracketed } from "./quote";

/** A question whose select list is apart, as the reader of rows wants it. */
export interface ChangeSelect {
  readonly select: readonly Sql[];
  readonly from: Sql;
}

/** Columns in front of the captured ones, in the order of {@link selectChanges}. */
export const CHANGE_COLUMN = { lsn: 0, commandId: 1, seqval: 2, operation: 3, mask: 4, captured: 5 } as const;

/**
 * The change rows of an instance with `@after` < LSN <= `@upto` in the order of the log: that of the change table's
 * clustered index, so nothing is sorted. The table and not its function, which has no command id.
 */
export function selectChanges(instance: string, columns: readonly string[]): ChangeSelect {
  return {
    select: [
      sql`__$start_lsn`,
      sql`__$command_id`,
      sql`__$seqval`,
      sql`__$operation`,
      sql`__$update_mask`,
      ...columns.map(bracketed),
    ],
    from: sql`FROM ${changeTable(instance)} WHERE __$start_lsn > @after AND __$start_lsn <= @upto ORDER BY __$start_lsn, __$command_id, __$seqval, __$operation`,
  };
}

/** LSN and commit time (a datetime) in UTC of every transaction with `@after` < LSN <= `@upto`, in the order of the log. */
export const COMMIT_TIMES: ChangeSelect = {
  select: [sql`m.start_lsn`, utcMoment("m.tran_end_time")],
  from: sql`FROM cdc.lsn_time_mapping AS m WHERE m.start_lsn > @after AND m.start_lsn <= @upto ORDER BY m.start_lsn`,
};

/** The same with the ids of the transactions. */
export const TRANSACTIONS: ChangeSelect = {
  select: [...COMMIT_TIMES.select, sql`m.tran_id`],
  from: COMMIT_TIMES.from,
};
