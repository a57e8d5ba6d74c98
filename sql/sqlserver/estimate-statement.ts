import { sql, type Sql } from "../sql";
import { bracketedName, nText } from "./quote";

/** One row with about how many rows a table has, as the server keeps count: no row is read. NULL where that may not be seen. */
export function estimatedRows(schema: string, table: string): Sql {
  const name = nText(bracketedName(schema, table));
  return sql`SELECT SUM(p.rows) AS rows FROM sys.partitions AS p WHERE p.object_id = OBJECT_ID(${name}) AND p.index_id IN (0, 1)`;
}
