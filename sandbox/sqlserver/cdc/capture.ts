import { SqlError } from "../errors";
import { MAX } from "../values/sql-type";
import { toDatetime, splitTicks } from "../values/calendar";
import type { Value, Values } from "../values/value";
import type { Database } from "../storage/database";
import { lsnBytes, type Lsn } from "../storage/lsn";
import { same } from "../storage/table-index";
import { insertRow } from "../storage/write";
import type { LoggedTransaction, LogRecord, Transaction } from "../storage/transaction";
import { redefine } from "./redefine";
import type { CapturedColumn, CaptureInstance, CdcState } from "./state";

/** Operations as change tables number them. */
export const OPERATION = { delete: 1, insert: 2, before: 3, after: 4 } as const;

/**
 * One scan of the log: up to `maxTransactions` transactions, written in one transaction, so that change tables and
 * time mapping appear together. Gives the number of transactions.
 */
export function scan(database: Database): number {
  const { cdc, unread, instance } = database;
  if (!cdc || cdc.lags) return 0;
  cdc.scans++;
  cdc.lastScanAt = instance.now();
  const batch = unread.splice(0, cdc.jobs.maxTransactions);
  if (batch.length === 0) {
    noteNewInstances(database, cdc);
    return 0;
  }
  const transaction = instance.begin(0, "READ COMMITTED");
  const done = batch.findIndex((logged) => !tryCapture(database, cdc, logged, transaction));
  const count = done < 0 ? batch.length : done;
  // What can't be captured stays in the log, and everything behind it.
  unread.unshift(...batch.slice(count));
  instance.commit(transaction);
  cdc.transactionsScanned += count;
  return count;
}

/** Errors that sys.dm_cdc_errors keeps. */
const KEPT_ERRORS = 32;

/** False when a transaction couldn't be captured; sys.dm_cdc_errors says why, and the next scan tries again. */
function tryCapture(database: Database, cdc: CdcState, logged: LoggedTransaction, transaction: Transaction): boolean {
  const mark = transaction.mark();
  try {
    capture(cdc, logged, transaction);
    return true;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    transaction.undoTo(mark);
    const { number, severity, message } = error;
    cdc.errors.push({ time: database.instance.now(), number, severity, message });
    if (cdc.errors.length > KEPT_ERRORS) cdc.errors.shift();
    return false;
  }
}

/**
 * A quiet database still moves its highest LSN: a row that belongs to no transaction. It tells that the log was read
 * up to there, so there is none while something is left in the log.
 */
export function writeDummy(database: Database): void {
  const { cdc, instance, log, unread } = database;
  if (!cdc || cdc.lags || unread.length > 0) return;
  const transaction = instance.begin(0, "READ COMMITTED");
  const lsn = log.next();
  log.flush();
  const now = toDatetime(splitTicks(instance.now()));
  insertRow(cdc.timeMapping, [lsnBytes(lsn), now, now, Buffer.from([0]), lsnBytes(0n)], transaction);
  instance.commit(transaction);
}

/** The first scan after an instance was made brings the highest LSN above its lowest. */
function noteNewInstances(database: Database, cdc: CdcState): void {
  const newest = cdc.instances.reduce((lsn, { startLsn }) => (startLsn > lsn ? startLsn : lsn), 0n);
  if (newest > 0n && maxLsn(cdc) < newest) writeDummy(database);
}

/** The highest LSN of the time mapping; zero when it is empty. */
export function maxLsn(cdc: CdcState): Lsn {
  for (const row of cdc.timeMapping.rows.backwards()) {
    const lsn = row.version.values?.[0];
    if (row.version.writer === undefined && Buffer.isBuffer(lsn)) return BigInt(`0x${lsn.toString("hex")}`);
  }
  return 0n;
}

function capture(cdc: CdcState, logged: LoggedTransaction, transaction: Transaction): void {
  let any = false;
  for (const record of logged.records) {
    if (record.definition) {
      redefine(cdc, record, record.definition, logged.commitLsn, transaction);
      continue;
    }
    for (const instance of cdc.instances) {
      if (
        instance.source !== record.table ||
        (record.lsn <= instance.startLsn && logged.commitLsn <= instance.startLsn)
      )
        continue;
      for (const row of rowsOf(instance, record, logged.commitLsn)) {
        insertRow(instance.changeTable, row, transaction);
        any = true;
      }
    }
  }
  if (!any) return;
  const time = (ticks: bigint) => toDatetime(splitTicks(ticks));
  const id = Buffer.from(logged.id.toString(16).padStart(12, "0"), "hex");
  insertRow(
    cdc.timeMapping,
    [lsnBytes(logged.commitLsn), time(logged.beganAt), time(logged.endedAt), id, lsnBytes(logged.beginLsn)],
    transaction,
  );
}

/** The rows that a logged operation becomes in a change table. */
function rowsOf(instance: CaptureInstance, record: LogRecord, commitLsn: Lsn): Value[][] {
  const { columns } = instance;
  const row = (operation: number, mask: Buffer, image: Values, changed: readonly boolean[]): Value[] => [
    lsnBytes(commitLsn),
    null,
    lsnBytes(record.lsn),
    operation,
    mask,
    ...columns.map((column, i) => capturedValue(column, image, record, operation, changed[i] ?? false)),
    record.command,
  ];
  const all = columns.map(() => true);
  if (record.kind === "insert" && record.after) return [row(OPERATION.insert, maskOf(all), record.after, all)];
  if (record.kind === "delete" && record.before) return [row(OPERATION.delete, maskOf(all), record.before, all)];
  const { before, after } = record;
  if (!before || !after) return [];
  const changed = columns.map((column) => hasChanged(column, before, after, record));
  // An update that touches nothing that is captured leaves no trace.
  if (!changed.includes(true)) return [];
  return [
    row(OPERATION.before, maskOf(changed), before, changed),
    row(OPERATION.after, maskOf(changed), after, changed),
  ];
}

function ordinalIn(record: LogRecord, column: CapturedColumn): number {
  return record.columns.findIndex(({ id }) => id === column.columnId);
}

function hasChanged(column: CapturedColumn, before: Values, after: Values, record: LogRecord): boolean {
  const at = ordinalIn(record, column);
  return at >= 0 && !column.column.computed && !same(before[at] ?? null, after[at] ?? null);
}

/** Types whose values no before image has. */
export const OLD_LOB: readonly string[] = ["text", "ntext", "image"];

/** What isn't there is NULL: computed and dropped columns, and large values that didn't change. */
function capturedValue(
  column: CapturedColumn,
  image: Values,
  record: LogRecord,
  operation: number,
  changed: boolean,
): Value {
  const { type, computed } = column.column;
  const at = ordinalIn(record, column);
  if (computed || at < 0) return null;
  const isOldLob = OLD_LOB.includes(type.name);
  if (isOldLob && (operation === OPERATION.delete || operation === OPERATION.before)) return null;
  if ((isOldLob || type.length === MAX) && operation >= OPERATION.before && !changed) return null;
  return image[at] ?? null;
}

/** The update mask: the first column is the lowest bit of the last byte. */
export function maskOf(changed: readonly boolean[]): Buffer {
  const mask = Buffer.alloc(Math.ceil(changed.length / 8));
  for (const [i, bit] of changed.entries()) {
    const at = mask.length - 1 - (i >> 3);
    if (bit) mask[at] = (mask[at] ?? 0) | (1 << (i & 7));
  }
  return mask;
}

/** True when the bit of a column, counted from 1, is set. */
export function isBitSet(position: number, mask: Buffer): boolean {
  const at = mask.length - 1 - ((position - 1) >> 3);
  return position > 0 && ((mask[at] ?? 0) & (1 << ((position - 1) & 7))) !== 0;
}
