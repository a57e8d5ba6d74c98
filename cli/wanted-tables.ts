import type { TableShape } from "../model/table-shape";

/**
 * Which tables a user means by names (of the sink or the source, with or without their schema) and customers.
 * Absent: all of them.
 */
export function wantedTables(
  tables: readonly string[] | undefined,
  tenants: readonly string[] | undefined,
): (shape: TableShape) => boolean {
  return (shape) =>
    (tables === undefined || namesOf(shape).some((name) => tables.includes(name))) &&
    (tenants === undefined || shape.tenant === undefined || tenants.includes(shape.tenant));
}

function namesOf({ schema, table, source }: TableShape): string[] {
  return [table, `${schema}.${table}`, source.table, `${source.schema}.${source.table}`];
}
