import { dropInstance } from "../cdc/enable";
import { sqlError } from "../errors";
import type { Name, StatementOf } from "../parse/ast";
import type { ColumnSpec, IndexSpec, TableConstraint } from "../parse/ast-definitions";
import type { Column, DefaultValue } from "../storage/column";
import type { Database, Schema } from "../storage/database";
import type { Table } from "../storage/table";
import { visible } from "../storage/row";
import type { Transaction } from "../storage/transaction";
import { familyOf, typeOf, type SqlType } from "../values/sql-type";
import type { Context } from "../compile/context";
import { fieldsOf } from "../compile/from";
import { Scope } from "../compile/scope";
import { resolveType } from "../compile/types";
import { keyText } from "../storage/write";

/** Where a new object goes. Throws 911 and 2760. */
export function placeOf(name: Name, context: Context): { database: Database; schema: Schema; name: string } {
  const database =
    name.length > 2 && name[name.length - 3]
      ? context.instance.database(name[name.length - 3] ?? "")
      : context.database;
  if (!database) throw sqlError(911, name[name.length - 3] ?? "");
  const schemaName = (name.length > 1 && name[name.length - 2]) || "dbo";
  const schema = database.schema(schemaName);
  if (!schema) throw sqlError(2760, schemaName);
  return { database, schema, name: name.at(-1) ?? "" };
}

/** CREATE TABLE. */
export function createTable(
  statement: Pick<StatementOf<"createTable">, "table" | "columns" | "constraints">,
  context: Context,
  transaction: Transaction,
): Table {
  const { database, schema, name } = placeOf(statement.table, context);
  if (schema.tables.has(name.toLowerCase())) throw sqlError(2714, name);
  const table = database.addTable(schema, name);
  transaction.onUndo(() => schema.tables.delete(name.toLowerCase()));
  shapeTable(table, statement, context);
  lockShape(table, transaction);
  return table;
}

/** Gives a new table its columns, keys and constraints. */
export function shapeTable(
  table: Table,
  { columns, constraints }: Pick<StatementOf<"createTable">, "columns" | "constraints">,
  context: Context,
): void {
  const all = [...columns.flatMap((column) => column.constraints), ...constraints];
  const keyed = new Set(
    all.flatMap((one) => (one.kind === "key" && one.primary ? one.columns.map((c) => c.name.toLowerCase()) : [])),
  );
  for (const spec of columns) {
    if (table.column(spec.name)) throw sqlError(2705, spec.name, table.name);
    const mustNot = keyed.has(spec.name.toLowerCase()) && !spec.computed;
    table.columns = [...table.columns, columnOf(table, mustNot ? { ...spec, nullable: false } : spec, context)];
  }
  for (const constraint of all) addConstraint(table, constraint, context);
}

/** A column made as its definition says. */
export function columnOf(table: Table, spec: ColumnSpec, context: Context): Column {
  const id = table.nextColumnId();
  if (spec.computed) {
    const scope = new Scope();
    scope.add([table.name.toLowerCase()], fieldsOf(table));
    const { type, nullable } = context.compile.expression(spec.computed.expr, scope, context);
    return { id, name: spec.name, type, nullable, identity: false, computed: spec.computed };
  }
  if (!spec.type) throw sqlError(102, spec.name);
  const type = columnType(spec, resolveType(spec.type));
  if (spec.identity) requireIdentityType(table, spec, type);
  const nullable = spec.identity || type.name === "timestamp" ? false : (spec.nullable ?? true);
  const column = { id, name: spec.name, type, nullable, identity: spec.identity !== undefined };
  return spec.default ? { ...column, default: defaultOf(table, spec.name, spec.default) } : column;
}

function columnType(spec: ColumnSpec, type: SqlType): SqlType {
  return spec.collation !== undefined && familyOf(type) === "text" ? { ...type, collation: spec.collation } : type;
}

function requireIdentityType(table: Table, spec: ColumnSpec, type: SqlType): void {
  const fits =
    ["tinyint", "smallint", "int", "bigint"].includes(type.name) || (familyOf(type) === "decimal" && type.scale === 0);
  if (!fits || spec.nullable) throw sqlError(2749, spec.name);
  if (table.identity) throw sqlError(2744, table.name);
  table.identity = { seed: spec.identity?.seed ?? 1n, increment: spec.identity?.increment ?? 1n, last: undefined };
}

function defaultOf(table: Table, column: string, value: NonNullable<ColumnSpec["default"]>): DefaultValue {
  const id = table.database.nextObjectId();
  return { id, name: value.name ?? generated("DF", table, column, id), expr: value.expr, text: value.text };
}

function generated(prefix: string, table: Table, column: string, id: number): string {
  const part = column === "" ? table.name.slice(0, 16) : `${table.name.slice(0, 9)}__${column.slice(0, 5)}`;
  return `${prefix}__${part}__${id.toString(16).toUpperCase().padStart(8, "0")}`;
}

/** A key, check, foreign key or default. */
export function addConstraint(table: Table, constraint: TableConstraint, context: Context): void {
  const id = table.database.nextObjectId();
  switch (constraint.kind) {
    case "key": {
      if (constraint.primary && table.primaryKey) throw sqlError(1779, table.name);
      const clustered = constraint.clustered ?? (constraint.primary && !table.clustered);
      const name = constraint.name ?? generated(constraint.primary ? "PK" : "UQ", table, "", id);
      addIndex(
        table,
        { ...constraint, name, unique: true, clustered, included: [] },
        { primary: constraint.primary, id },
      );
      break;
    }
    case "check":
      table.checks = [
        ...table.checks,
        {
          id,
          name: constraint.name ?? generated("CK", table, "", id),
          expr: constraint.expr,
          text: constraint.text,
          enabled: true,
        },
      ];
      break;
    case "default": {
      const { column: name, expr, text } = constraint;
      const value = { expr, text, ...(constraint.name !== undefined && { name: constraint.name }) };
      table.columns = table.columns.map((column) =>
        same(column.name, name) ? { ...column, default: defaultOf(table, name, value) } : column,
      );
      break;
    }
    case "foreign":
      addForeignKey(table, constraint, id, context);
  }
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

function addForeignKey(
  table: Table,
  constraint: Extract<TableConstraint, { kind: "foreign" }>,
  id: number,
  context: Context,
): void {
  const place = placeOf(constraint.target, { ...context, database: table.database });
  const target = place.schema.tables.get(place.name.toLowerCase());
  if (!target) throw sqlError(1767, constraint.name ?? "", constraint.target.join("."));
  const named =
    constraint.targetColumns.length > 0
      ? constraint.targetColumns
      : (target.primaryKey?.shape.columns.map(({ column }) => column.name) ?? []);
  const name = constraint.name ?? generated("FK", table, constraint.columns[0] ?? "", id);
  table.foreignKeys = [
    ...table.foreignKeys,
    { id, name, columns: constraint.columns, targetId: target.id, targetColumns: named, enabled: true },
  ];
}

/** Adds an index. Throws 1911, 1913, 1902, and 1505 for rows that aren't unique. */
export function addIndex(
  table: Table,
  spec: Omit<IndexSpec, "table">,
  constraint?: { primary: boolean; id: number },
): void {
  if (table.indexes.some(({ shape }) => same(shape.name, spec.name)))
    throw sqlError(1913, spec.name, table.twoPartName);
  const clustered = table.clustered;
  if (spec.clustered && clustered) throw sqlError(1902, table.twoPartName, clustered.shape.name);
  const columns = spec.columns.map(({ name, descending }) => {
    const column = table.column(name);
    if (!column) throw sqlError(1911, name);
    return { column, descending };
  });
  const index = table.addIndex({
    id: table.nextIndexId(spec.clustered),
    name: spec.name,
    unique: spec.unique,
    primaryKey: constraint?.primary ?? false,
    uniqueConstraint: constraint !== undefined && !constraint.primary,
    clustered: spec.clustered,
    columns,
    included: spec.included,
    ...(constraint && { constraintId: constraint.id }),
  });
  if (!spec.unique) return;
  let last: readonly unknown[] | undefined;
  for (const row of index.rows.from()) {
    const values = visible(row, { transaction: undefined, asOf: Infinity, dirty: true });
    if (!values) continue;
    const key = index.keyOf(values);
    if (last && index.probe(last as typeof key)(row) === 0) {
      table.indexes = table.indexes.filter((one) => one !== index);
      throw sqlError(
        1505,
        table.twoPartName,
        spec.name,
        key.map((value, i) => keyText(value, columns[i]?.column.type ?? typeOf("int"))).join(", "),
      );
    }
    last = key;
  }
}

/** Others wait until the change of shape is committed. */
export function lockShape(table: Table, transaction: Transaction): void {
  table.exclusiveBy = transaction;
  table.modifiedAt = table.database.instance.now();
  transaction.onEnd(() => (table.exclusiveBy = undefined));
}

/** DROP TABLE, SCHEMA, USER, ROLE. */
export function dropObject(statement: StatementOf<"drop">, context: Context, transaction: Transaction): void {
  for (const name of statement.names) {
    if (statement.what === "table") dropTable(name, statement.ifExists, context, transaction);
    else if (statement.what === "schema") dropSchema(name.at(-1) ?? "", statement.ifExists, context);
    else if (!context.database.users.delete((name.at(-1) ?? "").toLowerCase()) && !statement.ifExists) {
      throw sqlError(3701, statement.what, name.at(-1) ?? "");
    }
  }
}

function dropTable(name: Name, ifExists: boolean, context: Context, transaction: Transaction): void {
  const table = context.findTable(name);
  if (!table) {
    if (ifExists) return;
    throw sqlError(3701, "table", name.join("."));
  }
  for (const other of table.database.tables()) {
    if (other !== table && other.foreignKeys.some(({ targetId }) => targetId === table.id))
      throw sqlError(3726, name.join("."));
  }
  const { cdc } = table.database;
  const { tables } = table.schema;
  tables.delete(table.name.toLowerCase());
  lockShape(table, transaction);
  // Its capture instances go with it, whoever still reads them.
  if (cdc) for (const instance of cdc.instancesOf(table)) dropInstance(cdc, instance, transaction);
  transaction.onUndo(() => tables.set(table.name.toLowerCase(), table));
}

function dropSchema(name: string, ifExists: boolean, context: Context): void {
  const schema = context.database.schema(name);
  if (!schema) {
    if (ifExists) return;
    throw sqlError(15151, "schema", name);
  }
  const [first] = schema.tables.values();
  if (first) throw sqlError(3729, name, first.name);
  context.database.schemas.delete(name.toLowerCase());
}

/** TRUNCATE TABLE. Throws 4711 when CDC captures it. */
export function truncate(name: Name, context: Context, transaction: Transaction): void {
  const table = context.findTable(name);
  if (!table) throw sqlError(4701, name.join("."));
  if (table.database.cdc?.tracks(table)) throw sqlError(4711, name.join("."));
  for (const other of table.database.tables()) {
    if (other.foreignKeys.some(({ targetId }) => targetId === table.id)) throw sqlError(4712, name.join("."));
  }
  const rows = table.allRows();
  const last = table.identity?.last;
  lockShape(table, transaction);
  table.clear();
  if (table.identity) table.identity.last = undefined;
  transaction.onUndo(() => {
    for (const row of rows) table.attach(row);
    if (table.identity) table.identity.last = last;
  });
}
