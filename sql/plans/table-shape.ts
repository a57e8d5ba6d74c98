import type { ShapeColumn, TableShape } from "../../model/table-shape";
import { orderedColumns } from "./column-spec";
import type { MergeProcedureProps } from "./props";

/** The shape that the stream reads, from the properties that the deployment keeps. */
export function shapeOfProps(props: MergeProcedureProps): TableShape {
  const { schema, table, staging, procedure, source, tenant, tenants, key, onDelete, transforms = [] } = props;
  const columns = orderedColumns(props.columns, key).map(({ name, type, nullable }) => ({
    name,
    type,
    nullable,
    ...filling(props, name),
  }));
  const shape = { version: 1 as const, schema, table, staging, procedure, source };
  const whose = { ...(tenant === undefined ? {} : { tenant }), ...(tenants === undefined ? {} : { tenants }) };
  return { ...shape, ...whose, key, columns, onDelete, transforms };
}

/** Where a column's values come from: the source, a constant of the table or the customer, or its DEFAULT (nothing). */
function filling(props: MergeProcedureProps, name: string): Pick<ShapeColumn, "source" | "constant" | "constants"> {
  const { constants = {}, tenantConstants = {}, defaulted = [], renamed = {} } = props;
  if (Object.hasOwn(tenantConstants, name)) return { constants: tenantConstants[name] ?? {} };
  if (Object.hasOwn(constants, name)) return { constant: constants[name] ?? null };
  if (defaulted.includes(name)) return {};
  return { source: Object.hasOwn(renamed, name) ? (renamed[name] ?? name) : name };
}
