import { instancesInUse } from "../../databases/postgres/instances-in-use";
import { queryRows } from "../../databases/sqlserver/run";
import { disableTable } from "../../sql/sqlserver/enable-statements";
import type { CaptureInstance } from "../sources/capture-instance";
import { causeOf } from "./failures";
import type { SourceState } from "./source-state";
import type { TableRun } from "./table-run";

/**
 * Removes the capture instance that a table was read through before it moved to a newer one, when the deployment made it
 * and nothing in this sink is read through it any more. Never fails: what stays, the next deployment removes.
 */
export async function removeDrained(
  state: SourceState,
  table: TableRun,
  old: CaptureInstance,
  use: CaptureInstance,
): Promise<void> {
  if (!isOurs(state, old.name)) return;
  const { schema, table: name } = table.shape.source;
  try {
    const inUse = await instancesInUse(state.shared.options.sink, { source: state.name, schema, table: name });
    if (inUse.some((one) => one !== use.name)) return;
    const statement = disableTable(old.schema, old.table, old.name);
    const object = `capture instance ${old.name}`;
    await queryRows(state.config(), statement, [], { object, attempts: 1, signal: state.shared.hardStop });
    const text = `capture instance ${old.name} was removed: ${use.name} has taken its place`;
    state.event({ level: "info", event: "instance.removed", text, details: { instance: old.name } }, table);
  } catch (error) {
    const cause = causeOf(error);
    const why = cause instanceof Error ? cause.message : String(cause);
    const text = `capture instance ${old.name} is left to the next \`cdc up\`: ${why}`;
    state.event({ level: "info", event: "instance.kept", text, details: { instance: old.name } }, table);
  }
}

function isOurs({ topology }: SourceState, instance: string): boolean {
  return topology.tables.some(({ ownInstances }) => ownInstances.includes(instance));
}
