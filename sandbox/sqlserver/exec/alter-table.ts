import { sqlError } from "../errors";
import type { StatementOf } from "../parse/ast";
import type { AlterAction, ColumnSpec } from "../parse/ast-definitions";
import type { Column } from "../storage/column";
import type { Table } from "../storage/table";
import { LockWait, type Transaction } from "../storage/transaction";
import { guardAlter, logAlter } from "../cdc/ddl-guard";
import type { Value } from "../values/value";
import type { Context } from "../compile/context";
import { resolveType } from "../compile/types";
import { addConstraint, columnOf, lockShape } from "./ddl";
import { columnConverter, TableWriter, UNSET } from "./table-writer";

/** ALTER TABLE. The change is in force at once and taken back with its transaction. */
export function alterTable(
  statement: StatementOf<"alterTable">,
  text: string,
  context: Context,
  transaction: Transaction,
): void {
  const table = context.findTable(statement.table);
  if (!table) throw sqlError(4902, statement.table.join("."));
  for (const writer of table.writers) if (writer !== transaction) throw new LockWait(writer);
  const before = stateOf(table);
  lockShape(table, transaction);
  transaction.onUndo(() => restore(table, before));
  guardAlter(table, statement.action);
  apply(table, statement.action, context);
  const { action } = statement;
  const column = action.kind === "alterColumn" ? table.column(action.column.name) : undefined;
  logAlter(table, text, column && { column, converter }, transaction);
}

function converter(table: Table, from: Column, to: Column): (value: Value) => Value {
  return columnConverter(table, to, { type: from.type, nullable: true, run: () => null });
}

function stateOf(table: Table) {
  const { columns, indexes, checks, foreignKeys, identity } = table;
  return {
    columns,
    indexes,
    checks,
    foreignKeys,
    identity,
    rows: table.allRows().map((row) => ({ row, version: row.version })),
  };
}

function restore(table: Table, state: ReturnType<typeof stateOf>): void {
  for (const { row, version } of state.rows) row.version = version;
  const { columns, indexes, checks, foreignKeys, identity } = state;
  Object.assign(table, { columns, indexes, checks, foreignKeys, identity });
}

function apply(table: Table, action: AlterAction, context: Context): void {
  switch (action.kind) {
    case "add":
      for (const spec of action.columns) addColumn(table, spec, context);
      for (const constraint of [...action.columns.flatMap(({ constraints }) => constraints), ...action.constraints]) {
        addConstraint(table, constraint, context);
      }
      break;
    case "alterColumn":
      alterColumn(table, action.column);
      break;
    case "drop":
      for (const name of action.constraints) dropConstraint(table, name, action.ifExists);
      for (const name of action.columns) dropColumn(table, name, action.ifExists);
      break;
    case "check":
      setEnabled(table, action.names, action.enabled);
  }
}

function addColumn(table: Table, spec: ColumnSpec, context: Context): void {
  if (table.column(spec.name)) throw sqlError(2705, spec.name, table.name);
  const column = columnOf(table, spec, context);
  const hasRows = table.rows.size > 0;
  const mustHave =
    !column.nullable && !column.default && !column.identity && !column.computed && column.type.name !== "timestamp";
  if (hasRows && mustHave) throw sqlError(4901, column.name, table.name);
  table.reshape([...table.columns, column], (values) => [...values, null]);
  const at = table.columns.length - 1;
  const fills =
    column.identity || column.computed || column.type.name === "timestamp" || (column.default && !column.nullable);
  if (!hasRows || !fills) return;
  const writer = new TableWriter(table, context);
  table.reshape(table.columns, (values) => {
    const given = writer.inserted(
      values.map((value, i) => (i === at ? UNSET : value)),
      !column.identity,
    );
    return values.map((value, i) => (i === at ? (given[at] ?? null) : value));
  });
}

function alterColumn(table: Table, spec: ColumnSpec): void {
  const column = table.column(spec.name);
  if (!column) throw sqlError(4924, "ALTER COLUMN", spec.name, table.name);
  if (column.computed) throw sqlError(4928, column.name, "COMPUTED");
  if (column.type.name === "timestamp") throw sqlError(4928, column.name, "timestamp");
  if (!spec.type) throw sqlError(102, spec.name);
  const resolved = resolveType(spec.type);
  const collation = spec.collation ?? column.type.collation;
  const type = collation === undefined ? resolved : { ...resolved, collation };
  const inKey = table.indexes.some(({ shape }) => shape.columns.some((key) => key.column.id === column.id));
  if (inKey && (type.name !== column.type.name || type.precision !== column.type.precision)) {
    throw sqlError(5074, "object", table.indexes[0]?.shape.name ?? "", column.name);
  }
  const changed: Column = { ...column, type, nullable: spec.nullable ?? true };
  const at = table.ordinalOf(column);
  const convert = converter(table, column, changed);
  const columns = table.columns.map((one) => (one.id === column.id ? changed : one));
  table.reshape(columns, (values) =>
    values.map((value, i) => (i === at ? checked(convert(value), changed, table) : value)),
  );
}

function checked(value: Value, column: Column, table: Table): Value {
  if (value === null && !column.nullable) throw sqlError(515, column.name, table.fullName, "UPDATE");
  return value;
}

function dropColumn(table: Table, name: string, ifExists: boolean): void {
  const column = table.column(name);
  if (!column) {
    if (ifExists) return;
    throw sqlError(4924, "DROP COLUMN", name, table.name);
  }
  const user = table.indexes.find(
    ({ shape }) => shape.columns.some((key) => key.column.id === column.id) || shape.included.includes(column.name),
  );
  if (user)
    throw sqlError(5074, user.shape.constraintId === undefined ? "index" : "object", user.shape.name, column.name);
  if (column.default) throw sqlError(5074, "object", column.default.name, column.name);
  const computed = table.columns.find(
    (one) =>
      one.computed && JSON.stringify(one.computed.expr, text).toLowerCase().includes(`"${column.name.toLowerCase()}"`),
  );
  if (computed) throw sqlError(5074, "column", computed.name, column.name);
  const at = table.ordinalOf(column);
  if (column.identity) table.identity = undefined;
  table.reshape(
    table.columns.filter((one) => one !== column),
    (values) => values.filter((_, i) => i !== at),
  );
}

const text = (_: string, part: unknown) => (typeof part === "bigint" ? String(part) : part);

function dropConstraint(table: Table, name: string, ifExists: boolean): void {
  const is = (other: { readonly name: string }) => other.name.toLowerCase() === name.toLowerCase();
  const index = table.indexes.find(({ shape }) => is(shape) && shape.constraintId !== undefined);
  if (index) table.indexes = table.indexes.filter((one) => one !== index);
  else if (table.checks.some(is)) table.checks = table.checks.filter((one) => !is(one));
  else if (table.foreignKeys.some(is)) table.foreignKeys = table.foreignKeys.filter((one) => !is(one));
  else if (table.columns.some((column) => column.default && is(column.default))) {
    table.columns = table.columns.map((column) => {
      if (!column.default || !is(column.default)) return column;
      const { default: _, ...rest } = column;
      return rest;
    });
  } else if (!ifExists) throw sqlError(3728, name);
}

function setEnabled(table: Table, names: readonly string[], enabled: boolean): void {
  const chosen = (one: { readonly name: string }) =>
    names.length === 0 || names.some((name) => name.toLowerCase() === one.name.toLowerCase());
  table.checks = table.checks.map((one) => (chosen(one) ? { ...one, enabled } : one));
  table.foreignKeys = table.foreignKeys.map((one) => (chosen(one) ? { ...one, enabled } : one));
}
