/** One column as the database has it. */
export interface CatalogColumn {
  readonly name: string;
  /** Canonical short spelling, such as `varchar(50)`. */
  readonly type: string;
  readonly notNull: boolean;
  /** DEFAULT in the server's own spelling. */
  readonly default?: string;
  /** The server makes its value itself (identity or generated). */
  readonly generated: boolean;
}

export interface CatalogIndex {
  readonly name: string;
  readonly unique: boolean;
  /** Valid and over all rows. */
  readonly usable: boolean;
  /** Key columns in order; an expression is an empty name. */
  readonly columns: readonly string[];
}

export interface CatalogTrigger {
  readonly name: string;
  /** The server's letter: `O` fires as usual, `D` never. */
  readonly enabled: string;
  /** The server's bits: row or statement, before or after, which events. */
  readonly type: number;
  readonly functionSchema: string;
  readonly functionName: string;
}

/** One table, view or foreign table. */
export interface CatalogTable {
  readonly schema: string;
  readonly name: string;
  readonly kind: "table" | "partitioned" | "view" | "materialized" | "foreign";
  readonly logged: boolean;
  readonly owner: string;
  /** Rights in the server's spelling, such as `app=r/postgres`. */
  readonly acl: readonly string[];
  /** Hash of a view's query. */
  readonly fingerprint?: string;
  readonly columns: readonly CatalogColumn[];
  /** Primary key columns in order; empty without one. */
  readonly key: readonly string[];
  /** All indexes but the primary key's. */
  readonly indexes: readonly CatalogIndex[];
  readonly triggers: readonly CatalogTrigger[];
}

export interface CatalogRoutine {
  readonly schema: string;
  readonly name: string;
  readonly kind: "function" | "procedure";
  /** SECURITY DEFINER. */
  readonly definer: boolean;
  readonly owner: string;
  readonly acl: readonly string[];
  /** Argument modes, names and types. */
  readonly arguments: string;
  /** sha256 of the body. */
  readonly bodyHash: string;
  /** SET clauses, such as `search_path=pg_catalog, pg_temp`. */
  readonly settings: readonly string[];
  /** Hash of the whole definition; only of the management schema's. */
  readonly fingerprint?: string;
}

export interface CatalogSchema {
  readonly name: string;
  readonly owner: string;
  readonly acl: readonly string[];
}

/** A row of `cdc_management.merge_control`. */
export interface CatalogMergeControl {
  readonly schema: string;
  readonly name: string;
  readonly staging: string;
  readonly procedure: string;
  readonly shapeHash: string;
}

/** What `cdc_management.component_version` says of the schema that holds it. */
export interface CatalogManagement {
  readonly version: number;
  /** sha256 of what made the schema; absent in schemas of version 1. */
  readonly definition?: string | null;
  /** Short hashes of what the schema held when it had been made, by object. */
  readonly objects?: Readonly<Record<string, string>> | null;
}

/** What a database holds, without the server's own schemas. Look objects up with {@link nameKey}. */
export interface Catalog {
  readonly schemas: ReadonlyMap<string, CatalogSchema>;
  readonly tables: ReadonlyMap<string, CatalogTable>;
  /** Overloads of one name together. */
  readonly routines: ReadonlyMap<string, readonly CatalogRoutine[]>;
  readonly mergeControl: ReadonlyMap<string, CatalogMergeControl>;
  /** Absent when the management schema is not there, or only a part of the catalogue was read. */
  readonly management?: CatalogManagement;
}

/** Key of a qualified name in a {@link Catalog}. */
export function nameKey(schema: string, name: string): string {
  return `${schema}\u0000${name}`;
}
