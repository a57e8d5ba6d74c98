import type { ShapeColumn, TableShape } from "../../model/table-shape";

/**
 * The shape of a table that several customers share as if it were this customer's alone.
 * @param database The customer's source database, where it is known.
 */
export function shapeOfTenant(shape: TableShape, tenant: string, database: string | null | undefined): TableShape {
  const { tenants: _tenants, ...table } = shape;
  const source = typeof database === "string" ? { ...shape.source, database } : shape.source;
  return { ...table, source, tenant, columns: shape.columns.map((column) => columnOfTenant(column, tenant)) };
}

function columnOfTenant({ constants, ...column }: ShapeColumn, tenant: string): ShapeColumn {
  return constants === undefined ? column : { ...column, constant: constants[tenant] ?? null };
}
