/** A value of JSON, as a shape holds it. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Stands for the schema in texts, and is the `schema` of a table that every customer has. */
export const SCHEMA_PLACEHOLDER = "{{SCHEMA}}";

/** A generated file as the manifest lists it. */
export interface FileEntry {
  /** Path within the sink's folder, with `/`. */
  readonly file: string;
  /** `sha256:<hex>`, as the file's own header has it. */
  readonly checksum: string;
}

/** A table's part in a manifest. */
export interface TableEntry {
  readonly service: string;
  /** Concrete name, or {@link SCHEMA_PLACEHOLDER}: every schema of a customer that the service has. */
  readonly schema: string;
  readonly table: string;
  /** `existing`: the table is somebody else's, and only validated. */
  readonly kind: "managed" | "existing";
  /** Schemas of customers that have no such table, or have one of their own; only with the placeholder. */
  readonly except?: readonly string[];
  /** The table's file, then its staging file. */
  readonly files: readonly FileEntry[];
  /** Steps that take an older table to this one, in order. */
  readonly changes: readonly FileEntry[];
  /** Columns that are no longer wanted and are still there, with type and default: they may be wanted again. */
  readonly kept?: Readonly<Record<string, string>>;
}

/** What a person has to do or decide. */
export interface ManualEntry extends FileEntry {
  readonly service: string;
  readonly schema: string;
  readonly table: string;
  readonly reason: "column-removed" | "table-removed" | "type-change";
  /** The column concerned, with its type before and the one wanted. */
  readonly column?: string;
  readonly from?: string;
  readonly to?: string;
  /** Nothing is applied to the table before it is resolved. */
  readonly blocks: boolean;
}

/** A concrete schema in one environment. */
export interface SchemaEntry {
  readonly name: string;
  readonly tenant?: string;
  /** Values of the placeholders, by service; a placeholder without value takes its key out of the shape. */
  readonly services: Readonly<Record<string, PlaceholderValues>>;
}

/** Values by placeholder without braces: `DATABASE`, `TENANTS`, `VALUE:<column>`, `VALUES:<column>`. */
export type PlaceholderValues = Readonly<Record<string, JsonValue>>;

/** manifest.yaml: what a sink's folder holds, and for which databases and schemas. */
export interface Manifest {
  readonly version: 1;
  readonly sink: {
    readonly name: string;
    readonly pattern: "db-per-tenant" | "db-shared";
    readonly application_role?: string;
  };
  /** Database by environment, as the YAML has it: `${VAR:-default}` is resolved by whoever connects. */
  readonly databases: Readonly<Record<string, string>>;
  readonly infrastructure: readonly FileEntry[];
  readonly tables: readonly TableEntry[];
  /** Tables that the configuration no longer has; they are kept. */
  readonly removed: readonly TableEntry[];
  readonly manual: readonly ManualEntry[];
  readonly schemas: Readonly<Record<string, readonly SchemaEntry[]>>;
}

/** A schema with the values that placeholders have in it for one service. */
export interface Target {
  readonly schema: string;
  readonly tenant?: string;
  readonly values: PlaceholderValues;
}

/** One table in one concrete schema: what is applied, compared and told as one. */
export interface Unit {
  readonly entry: TableEntry;
  readonly target: Target;
}

/** Every table of an environment, in the order of the schemas, then of the manifest. */
export function unitsOf(manifest: Manifest, environment: string): Unit[] {
  return (manifest.schemas[environment] ?? []).flatMap((schema) =>
    manifest.tables
      .filter((entry) => isIn(entry, schema))
      .map((entry) => ({ entry, target: targetOf(schema, entry.service) })),
  );
}

/** Whether a table's files are meant for a schema. */
export function isIn(entry: TableEntry, schema: SchemaEntry): boolean {
  if (!Object.hasOwn(schema.services, entry.service)) return false;
  if (entry.schema !== SCHEMA_PLACEHOLDER) return entry.schema === schema.name;
  return schema.tenant !== undefined && entry.except?.includes(schema.name) !== true;
}

function targetOf({ name, tenant, services }: SchemaEntry, service: string): Target {
  return { schema: name, ...(tenant === undefined ? {} : { tenant }), values: services[service] ?? {} };
}
