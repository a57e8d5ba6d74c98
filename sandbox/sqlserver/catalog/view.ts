import type { Context } from "../compile/context";
import type { ResultColumn } from "../session";
import type { Database } from "../storage/database";
import { splitTicks, toDatetime } from "../values/calendar";
import { nvarchar, T, varbinary, MAX, typeOf, type SqlType } from "../values/sql-type";
import type { Value, Values } from "../values/value";

/** A row of a view by column name; what is absent is NULL. */
export type ViewRow = Readonly<Record<string, Value>>;

/** A catalog view: its columns, and its rows in a database. */
export interface CatalogView {
  readonly columns: readonly ResultColumn[];
  rows(database: Database, context: Context): Iterable<ViewRow>;
}

const TYPES: Readonly<Record<string, SqlType>> = {
  int: T.int,
  bit: T.bit,
  tiny: T.tinyint,
  small: T.smallint,
  big: T.bigint,
  name: T.sysname,
  text: T.nvarcharMax,
  desc: nvarchar(60),
  char2: typeOf("char", 2),
  time: T.datetime,
  lsn: T.lsn,
  bytes: varbinary(85),
  variant: T.variant,
  guid: T.uniqueidentifier,
  max: varbinary(MAX),
};

/** Makes a view of columns written as `name:type`; the types are short names of this file. */
export function view(columns: string, rows: CatalogView["rows"]): CatalogView {
  const parsed = columns
    .trim()
    .split(/\s+/)
    .map((column): ResultColumn => {
      const [name = "", type = "name"] = column.split(":");
      return { name, type: TYPES[type] ?? T.sysname, nullable: true };
    });
  return { columns: parsed, rows };
}

/** The rows of a view as lists of values. */
export function* valuesOf(from: CatalogView, database: Database, context: Context): Generator<Values> {
  const { columns } = from;
  for (const row of from.rows(database, context)) yield columns.map(({ name }) => row[name] ?? null);
}

/** A server time as datetime. */
export function datetimeOf(ticks: bigint): number {
  return toDatetime(splitTicks(ticks));
}

/** A condition as bit. */
export function bit(condition: boolean): number {
  return condition ? 1 : 0;
}
