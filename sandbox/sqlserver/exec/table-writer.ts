import { sqlError } from "../errors";
import type { Column } from "../storage/column";
import type { Table } from "../storage/table";
import { visible } from "../storage/row";
import { LockWait, type Transaction } from "../storage/transaction";
import { byteLength } from "../values/code-page";
import { familyOf, isFixedLength, isUnicode, MAX, type SqlType } from "../values/sql-type";
import { as, type Value, type Values } from "../values/value";
import type { Compiled, Condition } from "../compile/compiled";
import type { Context } from "../compile/context";
import { fieldsOf } from "../compile/from";
import { assignable, coerce } from "../compile/operators";
import { Scope } from "../compile/scope";

/** What a column says when nothing is given for it. */
export const UNSET = Symbol("unset");

/** Makes whole, checked rows of a table from what a statement gives. */
export class TableWriter {
  private readonly defaults: readonly (Compiled | undefined)[];
  private readonly computed: readonly (Compiled | undefined)[];
  private readonly checks: readonly { readonly name: string; readonly test: Condition }[];

  constructor(
    readonly table: Table,
    private readonly context: Context,
  ) {
    const own = new Scope();
    own.add([table.name.toLowerCase()], fieldsOf(table));
    this.defaults = table.columns.map((column) => {
      if (!column.default) return undefined;
      const value = context.compile.expression(column.default.expr, new Scope(), context);
      assignable(value, column.type);
      return coerce(value, column.type);
    });
    this.computed = table.columns.map((column) =>
      column.computed ? coerce(context.compile.expression(column.computed.expr, own, context), column.type) : undefined,
    );
    this.checks = table.checks
      .filter(({ enabled }) => enabled)
      .map(({ name, expr }) => ({ name, test: context.compile.condition(expr, own, context) }));
  }

  /** Default of a column, or NULL. */
  defaultOf(ordinal: number): Value {
    return this.defaults[ordinal]?.run({ rows: [], parent: undefined }) ?? null;
  }

  /** A new row: defaults, identity, rowversion and computed columns filled in. */
  inserted(given: readonly (Value | typeof UNSET)[], explicitIdentity: boolean): Values {
    const { table } = this;
    const values = table.columns.map((column, i): Value => {
      const value = given[i] ?? null;
      if (column.type.name === "timestamp") return table.database.nextRowVersion();
      if (column.identity && !explicitIdentity) return this.nextIdentity(column);
      if (column.identity) this.noteIdentity(value === UNSET ? null : value);
      return value === UNSET ? this.defaultOf(i) : value;
    });
    return this.finished(values, "INSERT");
  }

  /** A row after an update; what was computed is computed again. */
  updated(values: readonly Value[]): Values {
    const fresh = values.map((value, i) =>
      this.table.columns[i]?.type.name === "timestamp" ? this.table.database.nextRowVersion() : value,
    );
    return this.finished(fresh, "UPDATE");
  }

  private finished(values: Value[], verb: "INSERT" | "UPDATE"): Values {
    const { table } = this;
    for (const [i, compiled] of this.computed.entries()) {
      if (compiled) values[i] = compiled.run({ rows: [values], parent: undefined });
    }
    for (const [i, column] of table.columns.entries()) {
      if (values[i] === null && !column.nullable) throw sqlError(515, column.name, table.fullName, verb);
    }
    for (const { name, test } of this.checks) {
      if (test({ rows: [values], parent: undefined }) === false) {
        throw sqlError(547, verb, "CHECK", name, table.database.name, table.twoPartName, "");
      }
    }
    return values;
  }

  private nextIdentity(column: Column): Value {
    const { identity } = this.table;
    if (!identity) throw new Error("no identity");
    identity.last = identity.last === undefined ? identity.seed : identity.last + identity.increment;
    this.context.session.identity = this.context.session.scopeIdentity = identity.last;
    const isWide = column.type.name === "bigint" || familyOf(column.type) === "decimal";
    return isWide ? identity.last : Number(identity.last);
  }

  private noteIdentity(value: Value): void {
    const { identity } = this.table;
    if (!identity || value === null) return;
    const given = BigInt(value as number | bigint);
    const isFurther =
      identity.last === undefined || (identity.increment > 0n ? given > identity.last : given < identity.last);
    if (isFurther) identity.last = given;
    this.context.session.identity = this.context.session.scopeIdentity = given;
  }
}

/** Converts what is given to a column's type, and refuses what is too long. */
export function columnConverter(table: Table, column: Column, from: Compiled): (value: Value) => Value {
  if (from.isNull) return () => null;
  const { type } = column;
  const family = familyOf(type);
  const sameFamily = family === familyOf(from.type) && (family === "text" || family === "binary");
  const loose =
    sameFamily && type.length !== MAX && type.length > 0 ? { ...type, length: MAX, name: looseName(type) } : type;
  const convert = assignable(from, loose);
  return (value) => {
    if (value === null) return null;
    const converted = convert(value);
    return loose === type ? converted : fitted(table, column, converted);
  };
}

function looseName(type: SqlType): SqlType["name"] {
  return familyOf(type) === "binary" ? "varbinary" : isUnicode(type) ? "nvarchar" : "varchar";
}

function fitted(table: Table, column: Column, value: Value): Value {
  const { type } = column;
  if (Buffer.isBuffer(value)) {
    if (value.length > type.length) throw tooLong(table, column, "");
    return isFixedLength(type) ? Buffer.concat([value, Buffer.alloc(type.length - value.length)]) : value;
  }
  const text = as.text(value);
  const size = (part: string) => (isUnicode(type) ? part.length : byteLength(part, type.collation));
  let kept = text;
  if (size(text) > type.length) {
    kept = text.slice(0, type.length);
    if (text.slice(type.length).trim() !== "" || size(kept) > type.length) throw tooLong(table, column, kept);
  }
  return isFixedLength(type) ? kept.padEnd(type.length, " ") : kept;
}

function tooLong(table: Table, column: Column, kept: string): Error {
  return sqlError(2628, table.fullName, column.name, kept.slice(0, 100));
}

/** Every value that refers to another table must be there. Throws 547. */
export function requireParents(
  table: Table,
  values: Values,
  transaction: Transaction,
  verb: "INSERT" | "UPDATE",
): void {
  for (const key of table.foreignKeys) {
    if (!key.enabled) continue;
    const target = table.database.tableById(key.targetId);
    const wanted = valuesOf(table, values, key.columns);
    if (!target || wanted.includes(null)) continue;
    if (!hasRow(target, key.targetColumns, wanted, transaction)) {
      const column = key.targetColumns.length === 1 ? `, column '${key.targetColumns[0] ?? ""}'` : "";
      throw sqlError(547, verb, "FOREIGN KEY", key.name, table.database.name, target.twoPartName, column);
    }
  }
}

/** No row of another table may refer to what goes away. Throws 547. */
export function requireNoChildren(
  table: Table,
  values: Values,
  transaction: Transaction,
  verb: "DELETE" | "UPDATE",
): void {
  for (const child of table.database.tables()) {
    for (const key of child.foreignKeys) {
      if (key.targetId !== table.id || !key.enabled) continue;
      const wanted = valuesOf(table, values, key.targetColumns);
      if (wanted.includes(null) || !hasRow(child, key.columns, wanted, transaction)) continue;
      const column = key.columns.length === 1 ? `, column '${key.columns[0] ?? ""}'` : "";
      throw sqlError(547, verb, "REFERENCE", key.name, table.database.name, child.twoPartName, column);
    }
  }
}

function valuesOf(table: Table, values: Values, names: readonly string[]): Value[] {
  return names.map((name) => {
    const column = table.column(name);
    return column ? (values[table.ordinalOf(column)] ?? null) : null;
  });
}

function hasRow(table: Table, names: readonly string[], wanted: readonly Value[], transaction: Transaction): boolean {
  const columns = names.map((name) => table.column(name)?.id);
  const index = table.indexes.find(({ shape }) => columns.every((id, i) => shape.columns[i]?.column.id === id));
  const rows = index ? index.find(wanted) : table.rows.from();
  for (const row of rows) {
    const { writer } = row.version;
    if (writer && writer !== transaction && index) throw new LockWait(writer);
    const values = visible(row, { transaction, asOf: Infinity, dirty: false });
    if (values && (index || valuesOf(table, values, names).every((value, i) => value === wanted[i]))) return true;
  }
  return false;
}
