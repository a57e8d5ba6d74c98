import type { CatalogColumn, CatalogTable } from "../../model/catalog-table";

/** A column as the schema YAML has it. */
export interface SchemaColumn {
  readonly name: string;
  readonly type?: string;
  readonly alias_type?: string;
  readonly nullable?: boolean;
  readonly primary_key?: boolean;
  readonly identity?: boolean;
  readonly computed?: boolean;
  readonly definition?: string;
  readonly collation?: string;
  readonly default?: string | number | boolean | null;
  readonly description?: string | null;
}

/** A schema YAML as it is written. */
export interface WrittenTable {
  readonly schema: string;
  readonly table: string;
  readonly description?: string | null;
  readonly columns: readonly SchemaColumn[];
  readonly primary_key?: string | readonly string[] | null;
  readonly unique_indexes?: readonly (readonly string[])[] | null;
}

/** Key of a table: the list, else the columns that are flagged. */
export function writtenKey(table: WrittenTable): readonly string[] {
  const { primary_key: list } = table;
  if (list !== undefined && list !== null) return [list].flat();
  return table.columns.flatMap((column) => (column.primary_key === true ? [column.name] : []));
}

/** The schema YAML as the catalog would tell it. */
export function asCatalog(table: WrittenTable): CatalogTable {
  return {
    schema: table.schema,
    table: table.table,
    ...described(table),
    columns: table.columns.map(asColumn),
    primaryKey: writtenKey(table),
    uniqueIndexes: table.unique_indexes ?? [],
  };
}

function asColumn(column: SchemaColumn): CatalogColumn {
  const { name, type = "", nullable = true, identity = false, computed = false } = column;
  const { alias_type: aliasType, definition, collation, default: written } = column;
  return {
    name,
    type,
    ...(aliasType === undefined ? {} : { aliasType }),
    nullable,
    identity,
    computed,
    ...(definition === undefined ? {} : { definition }),
    ...(written === undefined || written === null ? {} : { default: String(written) }),
    ...(collation === undefined ? {} : { collation }),
    ...described(column),
  };
}

/** An empty description, as tools write it that found none, is none. */
function described({ description }: { readonly description?: string | null }): { description?: string } {
  const text = description?.trim() ?? "";
  return text === "" ? {} : { description: text };
}
