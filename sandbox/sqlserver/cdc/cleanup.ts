import { sqlError } from "../errors";
import { DATETIME_PER_DAY } from "../values/calendar";
import { as, type Values } from "../values/value";
import type { Database } from "../storage/database";
import { lsnBytes, lsnOf, type Lsn } from "../storage/lsn";
import type { Row } from "../storage/row";
import type { Table } from "../storage/table";
import { deleteRow } from "../storage/write";
import type { CaptureInstance, CdcState } from "./state";
import { maxLsn } from "./capture";

/** The cleanup job: what is older than the retention goes. Gives the number of change rows that went. */
export function cleanUp(database: Database, retentionMinutes?: number): number {
  const { cdc } = database;
  if (!cdc) return 0;
  const low = lowWater(cdc, retentionMinutes ?? cdc.jobs.retentionMinutes);
  if (low === undefined) return 0;
  raise(cdc, low);
  const removed = cdc.instances.reduce(
    (sum, instance) => sum + removeBelow(database, instance.changeTable, instance.startLsn),
    0,
  );
  removeBelow(database, cdc.timeMapping, low);
  return removed;
}

/** The newest transaction's time less the retention, as an LSN: the smallest at or after it. */
function lowWater(cdc: CdcState, retentionMinutes: number): Lsn | undefined {
  const { rows } = cdc.timeMapping;
  const newest = mappings(rows.backwards()).next().value;
  if (!newest) return undefined;
  const limit = endOf(newest) - (retentionMinutes * DATETIME_PER_DAY) / 1440;
  for (const values of mappings(rows.from())) if (endOf(values) >= limit) return lsnOf(as.bytes(values[0] ?? null));
  return undefined;
}

/** Rows of the time mapping that are committed, in order. */
export function mappingRows(cdc: CdcState): { lsn: Lsn; endedAt: number }[] {
  return Array.from(mappings(cdc.timeMapping.rows.from()), (values) => ({
    lsn: lsnOf(as.bytes(values[0] ?? null)),
    endedAt: endOf(values),
  }));
}

function* mappings(rows: Iterable<Row>): Generator<Values, void, undefined> {
  for (const { version } of rows) if (version.values && !version.writer) yield version.values;
}

function endOf(mapping: Values): number {
  return as.number(mapping[2] ?? null);
}

/** The lowest LSN of every instance below goes up first; rows below it may still be seen for a while. */
function raise(cdc: CdcState, low: Lsn): void {
  for (const instance of cdc.instances) if (instance.startLsn < low) instance.startLsn = low;
}

function removeBelow(database: Database, table: Table, low: Lsn): number {
  // Nobody can see what goes, so it needn't be remembered row by row.
  if (!database.instance.keepsHistory && table.writers.size === 0) return table.dropBefore([lsnBytes(low)]);
  return removeRows(database, table, (lsn) => lsn < low);
}

/** Deletes the rows of a change table or the time mapping whose LSN is such. Gives their number. */
export function removeRows(database: Database, table: Table, isGone: (lsn: Lsn) => boolean): number {
  const transaction = database.instance.begin(0, "READ COMMITTED");
  const gone: Row[] = [];
  for (const row of table.rows.from()) {
    const { values } = row.version;
    if (values && isGone(lsnOf(as.bytes(values[0] ?? null)))) gone.push(row);
  }
  for (const row of gone) deleteRow(table, row, row.version.values ?? [], transaction);
  database.instance.commit(transaction);
  return gone.length;
}

/** sp_cdc_cleanup_change_table. Throws 22964 and 22957. */
export function cleanUpInstance(database: Database, instance: CaptureInstance, low: Lsn | undefined): void {
  const { cdc } = database;
  if (!cdc) throw sqlError(22901, database.name);
  if (low !== undefined) {
    const hex = (lsn: Lsn) => `0x${lsn.toString(16).toUpperCase().padStart(20, "0")}`;
    if (!mappingRows(cdc).some(({ lsn }) => lsn === low)) throw sqlError(22964, hex(low));
    if (low < instance.startLsn || low > maxLsn(cdc))
      throw sqlError(22957, hex(low), instance.name, hex(instance.startLsn), hex(maxLsn(cdc)));
    instance.startLsn = low;
  }
  removeBelow(database, instance.changeTable, instance.startLsn);
}
