/** Where a sink column comes from. */
export type ColumnOrigin = "source" | "template" | "metadata";

/** One column of a sink table, after the whole column pipeline. */
export interface Column {
  /** Name in the sink, unquoted, at most 63 bytes (shortened when the source's is longer). */
  readonly name: string;
  /** Canonical PostgreSQL type: the short spelling, such as `varchar(50)`, `numeric(8,2)`, `timestamp(6)`. */
  readonly type: string;
  readonly nullable: boolean;
  readonly origin: ColumnOrigin;
  /** Name in SQL Server and in the envelope's `data`; absent for template and metadata columns. */
  readonly source?: string;
  /** SQL Server type as written in the schema YAML, such as `nvarchar(50)`. */
  readonly sourceType?: string;
  /** DEFAULT expression in SQL, as the user wrote it. */
  readonly default?: string;
  /** Fixed value of a template column for this table and tenant, in text form; null is SQL NULL. */
  readonly constant?: string | null;
  /** The same by customer, where one table takes the rows of several. */
  readonly constants?: Readonly<Record<string, string | null>>;
  /** Why values can lose something on the way, such as `datetime2(7) keeps 6 of 7 digits`. */
  readonly lossy?: string;
  /** What it means, in the words of the schema YAML or of the column template. */
  readonly description?: string;
}
