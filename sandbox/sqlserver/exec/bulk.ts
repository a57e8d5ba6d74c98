import { SqlError } from "../errors";
import type { BulkLoad, Output } from "../session";
import { Inserter, targetTable } from "./inserter";
import { Batch } from "./batch";
import type { SqlSession } from "./session";

/** The rows of a bulk load, into the table that INSERT BULK named. */
export async function loadRows(session: SqlSession, load: BulkLoad, output: Output): Promise<void> {
  const { bulkTarget } = session;
  session.bulkTarget = undefined;
  if (!bulkTarget) throw new SqlError(4834, 16, 1, "There was no INSERT BULK before the bulk load.");
  const batch = new Batch(session, output, "batch");
  const sources = load.columns.map(({ type }) => ({ type, nullable: true, run: () => null }));
  await batch.transact((transaction, context) => {
    const table = targetTable(bulkTarget.table, context);
    const keepsIdentity = load.columns.some(({ name }) => table.column(name)?.identity);
    const before = session.identityInsert;
    if (keepsIdentity) session.identityInsert = table;
    try {
      const inserter = new Inserter(
        table,
        load.columns.map(({ name }) => name),
        sources,
        context,
      );
      for (const row of load.rows) inserter.insert(row, transaction);
    } finally {
      session.identityInsert = before;
    }
  });
  batch.done(0xf0, load.rows.length);
}
