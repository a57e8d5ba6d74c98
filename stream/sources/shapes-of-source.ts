import { CdcError } from "../../lib/errors";
import type { TableShape } from "../../model/table-shape";
import type { SourceTopology } from "../../model/topology";
import { shapeOfTenant } from "../staging/tenant-shape";

/**
 * The sink tables that a source database feeds, as if they were its own: the database is filled in, and in a table that
 * several customers share the constants are those of the customer who lives there.
 * @throws CdcError (CDC_SOURCE_TENANT_UNKNOWN) when several customers of such a table live in the database: nothing in
 *   its rows tells them apart.
 */
export function shapesOfSource(shapes: readonly TableShape[], source: SourceTopology): readonly TableShape[] {
  const captured = new Set(source.tables.map(({ schema, table }) => JSON.stringify([schema, table])));
  return shapes.flatMap((shape) => {
    const { schema, table } = shape.source;
    return captured.has(JSON.stringify([schema, table])) ? resolved(shape, source) : [];
  });
}

function resolved(shape: TableShape, source: SourceTopology): TableShape[] {
  if (shape.tenants !== undefined) return resolvedTenant(shape, shape.tenants, source);
  const { database } = shape.source;
  const isOther = database !== undefined && database !== source.database;
  const isForeign = shape.tenant !== undefined && !source.tenants.includes(shape.tenant);
  return isOther || isForeign ? [] : [{ ...shape, source: { ...shape.source, database: source.database } }];
}

function resolvedTenant(
  shape: TableShape,
  tenants: Readonly<Record<string, string | null>>,
  source: SourceTopology,
): TableShape[] {
  const living = source.tenants.filter(
    (name) => Object.hasOwn(tenants, name) && (tenants[name] ?? source.database) === source.database,
  );
  const [tenant] = living;
  if (tenant === undefined) return [];
  if (living.length > 1) throw severalTenants(shape, living, source);
  return [shapeOfTenant(shape, tenant, source.database)];
}

function severalTenants(shape: TableShape, tenants: readonly string[], { database }: SourceTopology): CdcError {
  return new CdcError(
    "CDC_SOURCE_TENANT_UNKNOWN",
    `table ${shape.schema}.${shape.table} tells its customers apart, but ${tenants.join(" and ")} share the database ${database}`,
    {
      hint: "Give each customer a database in source-groups.yaml, or let the customer be a column of the source table.",
    },
  );
}
