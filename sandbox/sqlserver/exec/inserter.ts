import { sqlError, unsupported } from "../errors";
import type { Name } from "../parse/ast";
import type { Compiled } from "../compile/compiled";
import type { Context } from "../compile/context";
import type { Table } from "../storage/table";
import type { Transaction } from "../storage/transaction";
import { insertRow } from "../storage/write";
import type { Value, Values } from "../values/value";
import { columnConverter, requireParents, TableWriter, UNSET } from "./table-writer";

/** The table that a statement changes. Throws 208, and for views. */
export function targetTable(name: Name, context: Context): Table {
  const table = context.findTable(name);
  if (!table)
    throw context.findView(name)
      ? unsupported(`changing ${name.join(".")}`)
      : sqlError(name[0]?.startsWith("@") ? 1087 : 208, name.join("."));
  return table;
}

/** Puts rows of given columns into a table. */
export class Inserter {
  private readonly writer: TableWriter;
  private readonly places: readonly { readonly ordinal: number; readonly convert: (value: Value) => Value }[];
  private readonly explicitIdentity: boolean;

  constructor(
    private readonly table: Table,
    columns: readonly string[],
    sources: readonly Compiled[],
    context: Context,
  ) {
    this.writer = new TableWriter(table, context);
    const identityOn = context.session.identityInsert === table;
    const chosen = columns.length > 0 ? columns.map((name) => this.named(name)) : this.implied();
    if (columns.length === 0 && identityOn && table.identity && sources.length >= table.columns.length)
      throw sqlError(8101, table.name);
    if (chosen.length !== sources.length)
      throw columns.length === 0 ? sqlError(213) : sqlError(chosen.length > sources.length ? 109 : 110);
    const identity = chosen.some((ordinal) => table.columns[ordinal]?.identity);
    if (identity && !identityOn) throw sqlError(544, table.name);
    if (!identity && identityOn && table.identity) throw sqlError(545, table.name);
    this.explicitIdentity = identity;
    this.places = chosen.map((ordinal, i) => {
      const [column, source] = [table.columns[ordinal], sources[i]];
      if (!column || !source) throw new Error("no such column");
      return { ordinal, convert: columnConverter(table, column, source) };
    });
  }

  /** Adds one row; DEFAULT is given as UNSET. Gives back the whole row. */
  insert(given: readonly (Value | typeof UNSET)[], transaction: Transaction): Values {
    const full: (Value | typeof UNSET)[] = this.table.columns.map(() => UNSET);
    for (const [i, { ordinal, convert }] of this.places.entries()) {
      const value = given[i] ?? null;
      full[ordinal] = value === UNSET ? UNSET : convert(value);
    }
    const values = this.writer.inserted(full, this.explicitIdentity);
    requireParents(this.table, values, transaction, "INSERT");
    insertRow(this.table, values, transaction);
    return values;
  }

  private named(name: string): number {
    const column = this.table.column(name);
    if (!column) throw sqlError(207, name);
    if (column.computed) throw sqlError(271, name);
    if (column.type.name === "timestamp") throw sqlError(273);
    return this.table.ordinalOf(column);
  }

  /** Without a list: every column that takes a value. */
  private implied(): number[] {
    return this.table.columns.flatMap((column, i) =>
      column.computed || column.type.name === "timestamp" || column.identity ? [] : [i],
    );
  }
}
