import { sqlError } from "../errors";
import { converterOf } from "../values/convert";
import { T } from "../values/sql-type";
import { plainText, type Value, type Values } from "../values/value";
import type { Lsn } from "./lsn";
import type { Row } from "./row";
import type { Table } from "./table";
import type { TableIndex } from "./table-index";
import { LockWait, type LogRecord, type Transaction } from "./transaction";

/** A row and what it shall become. */
export interface Change {
  readonly row: Row;
  readonly before: Values;
  readonly after: Values;
}

/** Adds a row. Throws 2627 or 2601 for a key that is there, LockWait when another transaction decides that. */
export function insertRow(table: Table, values: Values, transaction: Transaction): void {
  place(table, values, transaction);
  log(table, transaction, { kind: "insert", before: undefined, after: values });
}

/** Removes a row. Throws LockWait, or 3960 for a snapshot that is too old. */
export function deleteRow(table: Table, row: Row, before: Values, transaction: Transaction): void {
  rewrite(table, row, undefined, transaction);
  log(table, transaction, { kind: "delete", before, after: undefined });
}

/**
 * Updates rows. Where a column of a key changes, all such rows go before any comes back, so that keys can be
 * swapped; the log has them as deletes and inserts.
 */
export function updateRows(table: Table, changes: readonly Change[], transaction: Transaction): void {
  const moving = changes.filter((change) => movesIn(table, change));
  const staying = moving.length === 0 ? changes : changes.filter((change) => !moving.includes(change));
  for (const { row, before, after } of staying) {
    rewrite(table, row, after, transaction);
    log(table, transaction, { kind: "update", before, after });
  }
  for (const { row } of moving) rewrite(table, row, undefined, transaction);
  for (const { after } of moving) place(table, after, transaction);
  logMoves(table, moving, transaction);
}

/**
 * One row alone: delete and insert share their sequence value. Many rows: each has its own, taken row by row,
 * while the commands say what happened: first all deletes, then all inserts. So the sequence value is no order.
 */
function logMoves(table: Table, moving: readonly Change[], transaction: Transaction): void {
  if (moving.length === 0 || !table.database.cdc?.tracks(table)) return;
  const { log: space } = table.database;
  const alone = moving.length === 1;
  const lsns = moving.map(() => {
    const first = space.next();
    return [first, alone ? first : space.next()] as const;
  });
  for (const [i, { before }] of moving.entries()) {
    append(table, transaction, { kind: "delete", before, after: undefined }, lsns[i]?.[0] ?? 0n);
  }
  for (const [i, { after }] of moving.entries()) {
    append(table, transaction, { kind: "insert", before: undefined, after }, lsns[i]?.[1] ?? 0n);
  }
}

function movesIn(table: Table, { before, after }: Change): boolean {
  return (
    table.indexes.some((index) => (index.shape.unique || index.shape.clustered) && index.moves(before, after)) ||
    table.indexes.some((index) => index.moves(before, after))
  );
}

function place(table: Table, values: Values, transaction: Transaction): void {
  requireTable(table, transaction);
  for (const index of table.indexes) if (index.shape.unique) requireUnique(table, index, values, transaction);
  const row: Row = {
    id: table.database.instance.nextRowId(),
    table,
    version: { values, writer: transaction, commit: 0, older: undefined },
  };
  table.attach(row);
  transaction.rows.push(row);
  transaction.onUndo(() => {
    table.detach(row);
    transaction.rows.splice(transaction.rows.lastIndexOf(row), 1);
  });
}

function rewrite(table: Table, row: Row, values: Values | undefined, transaction: Transaction): void {
  requireTable(table, transaction);
  const { version } = row;
  if (version.writer && version.writer !== transaction) throw new LockWait(version.writer);
  if (transaction.snapshot !== undefined && version.writer === undefined && version.commit > transaction.snapshot) {
    transaction.doomed = true;
    throw sqlError(3960, table.twoPartName, table.database.name);
  }
  const isFirst = version.writer === undefined;
  row.version = { values, writer: transaction, commit: 0, older: version };
  if (isFirst) transaction.rows.push(row);
  transaction.onUndo(() => {
    row.version = version;
    if (isFirst) transaction.rows.splice(transaction.rows.lastIndexOf(row), 1);
  });
}

/** Notes that the transaction writes here; waits for who holds the table. */
function requireTable(table: Table, transaction: Transaction): void {
  if (table.exclusiveBy && table.exclusiveBy !== transaction) throw new LockWait(table.exclusiveBy);
  for (const reader of table.sharedBy) if (reader !== transaction) throw new LockWait(reader);
  if (table.writers.has(transaction)) return;
  table.writers.add(transaction);
  transaction.onEnd(() => table.writers.delete(transaction));
}

function requireUnique(table: Table, index: TableIndex, values: Values, transaction: Transaction): void {
  for (const { version } of index.rows.from(index.probe(index.keyOf(values)))) {
    if (version.values === undefined && version.writer === undefined) continue;
    const other = version.values ?? version.older?.values;
    if (!other || !sameKey(index, other, values)) return;
    if (version.writer && version.writer !== transaction) throw new LockWait(version.writer);
    if (version.values !== undefined) throw duplicate(table, index, values);
  }
}

function sameKey(index: TableIndex, a: Values, b: Values): boolean {
  const probe = index.probe(index.keyOf(b));
  return probe({ version: { values: a, older: undefined } } as unknown as Row) === 0;
}

function duplicate(table: Table, index: TableIndex, values: Values): Error {
  const { shape } = index;
  const key = index.keyOf(values).map((value, i) => keyText(value, shape.columns[i]?.column.type ?? T.int));
  const text = key.join(", ");
  if (shape.primaryKey) return sqlError(2627, "PRIMARY KEY", shape.name, table.twoPartName, text);
  if (shape.uniqueConstraint) return sqlError(2627, "UNIQUE KEY", shape.name, table.twoPartName, text);
  return sqlError(2601, table.twoPartName, shape.name, text);
}

/** A key's value in an error message. */
export function keyText(value: Value, type: Parameters<typeof converterOf>[0]): string {
  if (value === null) return "<NULL>";
  if (Buffer.isBuffer(value)) return `0x${value.toString("hex")}`;
  return plainText(converterOf(type, T.nvarcharMax)(value));
}

type Operation = Pick<LogRecord, "kind" | "before" | "after">;

function log(table: Table, transaction: Transaction, operation: Operation): void {
  if (table.database.cdc?.tracks(table)) append(table, transaction, operation, table.database.log.next());
}

function append(table: Table, transaction: Transaction, operation: Operation, lsn: Lsn): void {
  transaction.log(table.database, {
    ...operation,
    table,
    columns: table.columns,
    lsn,
    command: transaction.nextCommand(),
  });
}
