import { joinSql, qualified, sql, type Sql } from "./sql";

/** A table by its names. */
export interface NamedTable {
  readonly schema: string;
  readonly table: string;
}

/** Takes the tables for changes of their columns, in this order, so that what follows waits for nobody any more. */
export function lockTables(tables: readonly NamedTable[]): Sql[] {
  if (tables.length === 0) return [];
  const names = tables.map(({ schema, table }) => qualified(schema, table));
  return [sql`LOCK TABLE ${joinSql(names, ", ")} IN ACCESS EXCLUSIVE MODE`];
}
