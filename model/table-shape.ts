import type { OnDelete, SinkTable } from "./sink";

/** What the stream needs to know of one column. */
export interface ShapeColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  /** Key in the envelope's `data`. Absent: a template column, filled from `constant`, `constants` or the DEFAULT. */
  readonly source?: string;
  readonly constant?: string | null;
  /** By customer; see {@link TableShape.tenants}. */
  readonly constants?: Readonly<Record<string, string | null>>;
}

/**
 * A deployed table as the stream sees it. Written by the deployment into
 * `cdc_management.merge_control.shape` in the transaction that makes the merge procedure,
 * so what was previewed is what runs. Metadata columns are implied.
 */
export interface TableShape {
  readonly version: 1;
  readonly schema: string;
  readonly table: string;
  readonly staging: string;
  readonly procedure: string;
  readonly source: { readonly database?: string; readonly schema: string; readonly table: string };
  readonly tenant?: string;
  /** Source databases by customer, null where not known. Present when a column has `constants`: an event must tell its customer. */
  readonly tenants?: Readonly<Record<string, string | null>>;
  readonly key: readonly string[];
  readonly columns: readonly ShapeColumn[];
  readonly onDelete: OnDelete;
  /** Names of transforms that the native path cannot run; loading is refused while there are any. */
  readonly transforms: readonly string[];
}

/** The shape of a table in the model. */
export function shapeOf(table: SinkTable): TableShape {
  const { schema, staging, procedure, source, tenant, tenants, key, onDelete, transforms } = table;
  const columns = table.columns.filter((column) => column.origin !== "metadata").map(shapeColumn);
  const shape = { version: 1 as const, schema, table: table.name, staging, procedure, source };
  const whose = { ...(tenant === undefined ? {} : { tenant }), ...(tenants === undefined ? {} : { tenants }) };
  return { ...shape, ...whose, key, columns, onDelete, transforms };
}

function shapeColumn(column: SinkTable["columns"][number]): ShapeColumn {
  const { name, type, nullable, source, constant, constants } = column;
  return {
    name,
    type,
    nullable,
    ...(source === undefined ? {} : { source }),
    ...(constant === undefined ? {} : { constant }),
    ...(constants === undefined ? {} : { constants }),
  };
}
