import { sqlError } from "../errors";
import type { AlterAction } from "../parse/ast-definitions";
import type { Table } from "../storage/table";

/** What ALTER TABLE means for capture: the history has it; key columns that are captured can't go. */
export function insteadOfAlter(table: Table, action: AlterAction, text: string): void {
  const { cdc, log, instance } = table.database;
  const instances = cdc?.instancesOf(table) ?? [];
  if (!cdc || instances.length === 0) return;
  const key = table.primaryKey;
  const dropsKey =
    action.kind === "drop" &&
    key &&
    action.constraints.some((name) => name.toLowerCase() === key.shape.name.toLowerCase());
  if (dropsKey && instances.some(({ supportsNetChanges }) => supportsNetChanges))
    throw sqlError(4929, "constraint", key.shape.name);
  const altersCaptured = action.kind === "alterColumn";
  cdc.ddl.push({
    source: table,
    objectId: table.id,
    requiredUpdate: altersCaptured,
    command: text,
    lsn: log.next(),
    time: instance.now(),
  });
}
