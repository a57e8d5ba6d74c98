import { sqlError } from "../errors";
import type { Lsn } from "../storage/lsn";
import type { AlteredColumn, Definition, LogRecord, Transaction } from "../storage/transaction";
import { capturedType } from "./change-table";
import type { CaptureInstance, CdcState } from "./state";

/**
 * The capture job meets an ALTER TABLE: the history has it, and where a captured column has another type now, so has
 * the change table. Throws 2628 or 8115 when a captured value doesn't fit any more.
 */
export function redefine(
  cdc: CdcState,
  { table }: LogRecord,
  { text, time, altered }: Definition,
  lsn: Lsn,
  transaction: Transaction,
): void {
  const instances = cdc.instancesOf(table).filter(({ startLsn }) => startLsn < lsn);
  const updated = new Set(instances.filter((instance) => altered && alter(instance, altered, transaction)));
  const before = cdc.ddl;
  transaction.onUndo(() => (cdc.ddl = before));
  cdc.ddl = [
    ...before,
    ...instances.map((instance) => ({ instance, requiredUpdate: updated.has(instance), command: text, lsn, time })),
  ];
}

/** True when the instance captures the column. */
function alter(instance: CaptureInstance, { column, converter }: AlteredColumn, transaction: Transaction): boolean {
  const captured = instance.columns.find(({ columnId }) => columnId === column.id);
  if (!captured) return false;
  const { changeTable, columns } = instance;
  const old = changeTable.column(captured.name);
  if (!old) throw sqlError(207, captured.name);
  const fresh = { ...old, type: capturedType(column.type) };
  const convert = converter(changeTable, old, fresh);
  const at = changeTable.ordinalOf(old);
  const before = {
    columns: changeTable.columns,
    rows: changeTable.allRows().map((row) => ({ row, version: row.version })),
  };
  transaction.onUndo(() => {
    instance.columns = columns;
    changeTable.columns = before.columns;
    for (const { row, version } of before.rows) row.version = version;
  });
  instance.columns = columns.map((one) => (one === captured ? { ...one, column } : one));
  changeTable.reshape(
    changeTable.columns.map((one) => (one === old ? fresh : one)),
    (values) => values.map((value, i) => (i === at ? convert(value) : value)),
  );
  return true;
}
