import { sqlError } from "../errors";
import type { AlterAction } from "../parse/ast-definitions";
import type { Table } from "../storage/table";
import type { AlteredColumn, Transaction } from "../storage/transaction";

/** Refuses what CDC doesn't let happen: the key that net changes need can't go. */
export function guardAlter(table: Table, action: AlterAction): void {
  const instances = table.database.cdc?.instancesOf(table) ?? [];
  const key = table.primaryKey;
  const dropsKey =
    action.kind === "drop" &&
    key &&
    action.constraints.some((name) => name.toLowerCase() === key.shape.name.toLowerCase());
  if (dropsKey && instances.some(({ supportsNetChanges }) => supportsNetChanges))
    throw sqlError(4929, "constraint", key.shape.name);
}

/** Puts an ALTER TABLE into the log, where the capture job finds it in its place among the changes. */
export function logAlter(
  table: Table,
  text: string,
  altered: AlteredColumn | undefined,
  transaction: Transaction,
): void {
  const { database } = table;
  if (!database.cdc?.tracks(table)) return;
  transaction.log(database, {
    kind: "definition",
    table,
    columns: table.columns,
    before: undefined,
    after: undefined,
    lsn: database.log.next(),
    command: 0,
    definition: { text, time: database.instance.now(), altered },
  });
}
