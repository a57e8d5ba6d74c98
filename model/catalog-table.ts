/** A table of SQL Server as its catalog tells it. */
export interface CatalogTable {
  readonly schema: string;
  readonly table: string;
  /** MS_Description. */
  readonly description?: string;
  /** In table order. */
  readonly columns: readonly CatalogColumn[];
  /** Columns of the primary key in key order; empty when there is none. */
  readonly primaryKey: readonly string[];
  /** Columns, in key order, of the unique indexes and constraints besides the primary key; filtered and disabled ones left out. */
  readonly uniqueIndexes: readonly (readonly string[])[];
}

/** A column as the catalog tells it. */
export interface CatalogColumn {
  readonly name: string;
  /** Type of SQL Server itself where there is one, such as `nvarchar(50)`, `decimal(8,2)`, `varchar(max)`. */
  readonly type: string;
  /** Alias type that the column was declared with, such as `dbo.Name`. */
  readonly aliasType?: string;
  readonly nullable: boolean;
  readonly identity: boolean;
  readonly computed: boolean;
  /** Expression of a computed column. */
  readonly definition?: string;
  /** Expression of the default. */
  readonly default?: string;
  /** Only where it isn't the database's. */
  readonly collation?: string;
  /** MS_Description. */
  readonly description?: string;
}

/** Lists of columns, each once, in one order whatever the database's: names of indexes differ between databases. */
export function sortedLists(lists: readonly (readonly string[])[]): (readonly string[])[] {
  const byText = new Map(lists.map((list) => [JSON.stringify(list), list]));
  return [...byText].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, list]) => list);
}
