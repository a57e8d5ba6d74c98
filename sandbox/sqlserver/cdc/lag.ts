import type { Database } from "../storage/database";
import { lsnOf, type Lsn } from "../storage/lsn";
import { insertRow } from "../storage/write";
import { as, type Values } from "../values/value";
import { removeRows } from "./cleanup";

/**
 * Takes away what was captured after an LSN and holds the capture job, as on a replica that lags behind. Gives what
 * brings everything back, at once.
 */
export function hideAfter(database: Database, limit: Lsn): () => void {
  const { cdc, instance } = database;
  if (!cdc) return () => undefined;
  cdc.lags = true;
  const isLater = (lsn: Lsn) => lsn > limit;
  const hidden = [cdc.timeMapping, ...cdc.instances.map(({ changeTable }) => changeTable)].map((table) => {
    const rows: Values[] = [];
    for (const { version } of table.rows.from()) {
      if (version.values && isLater(lsnOf(as.bytes(version.values[0] ?? null)))) rows.push(version.values);
    }
    removeRows(database, table, isLater);
    return { table, rows };
  });
  return () => {
    // A backup was restored meanwhile: that history is another one.
    if (!cdc.lags) return;
    const transaction = instance.begin(0, "READ COMMITTED");
    for (const { table, rows } of hidden) for (const values of rows) insertRow(table, values, transaction);
    instance.commit(transaction);
    cdc.lags = false;
  };
}
