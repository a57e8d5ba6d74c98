import type { TableShape } from "../../model/table-shape";
import { READ_SHAPE, type OwnRows } from "../../sql/snapshot-statements";
import type { PgClient } from "../sinks/session";

/**
 * By what the rows of the shape's source are told from those of other sources in its table: the template columns that the
 * deployed table has by customer, and the name of the database.
 * @param shape Of one source: tenant resolved, database filled in.
 */
export async function readOwnRows(client: Pick<PgClient, "query">, shape: TableShape): Promise<OwnRows> {
  const { rows } = await client.query<{ shape: TableShape }>(READ_SHAPE, [shape.schema, shape.table]);
  const deployed = rows[0]?.shape;
  const own = new Map(shape.columns.map(({ name, constant }) => [name, constant]));
  const byTenant = deployed?.tenants === undefined ? [] : deployed.columns;
  const tenant = byTenant
    .filter(({ constants }) => constants !== undefined)
    .map(({ name }) => ({ column: name, value: own.get(name) ?? null }));
  // A table that one database alone feeds has no rows of others: those of the one before it are its own, too.
  const isAlone = deployed?.tenants === undefined && deployed?.source.database !== undefined;
  const database = isAlone ? undefined : shape.source.database;
  return { tenant, ...(database === undefined ? {} : { database }) };
}
