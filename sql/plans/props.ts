import type { TableHints } from "../../model/table-hints";

/** Version of the property shapes below, kept in state so that old state can be read. */
export const SCHEMA_VERSION = 1;

/** What every resource of a sink has. Properties are plain JSON, small, and hold no secret. */
export interface SinkProps {
  readonly schemaVersion: number;
  /** Name of the connection; its secrets never are properties. */
  readonly connection: string;
  readonly database: string;
}

/** `cdc:SinkSchema`. Outputs are the same. */
export interface SinkSchemaProps extends SinkProps {
  readonly name: string;
  /** Role that loads and merges; gets USAGE. */
  readonly applicationRole?: string;
  /** On destroy it stays, without an error, while it holds anything. */
  readonly keepWhenUsed?: boolean;
}

/** `cdc:CdcManagement`: the schema `cdc_management`. Outputs are the same. */
export interface CdcManagementProps extends SinkProps {
  /** Version of its objects: {@link ../plans/cdc-management.MANAGEMENT_VERSION}. */
  readonly version: number;
  /** sha256 of everything that `create` sends, so that a changed view or function is an update. */
  readonly definition: string;
  readonly applicationRole?: string;
  /** On destroy keep the tables (history, dead letters, checkpoints); only functions, views and the job go. */
  readonly retain: boolean;
  /** On destroy it stays, without an error, while it serves any table. */
  readonly keepWhenUsed?: boolean;
}

/**
 * Columns by name, each `<type>[ not null][ default <expression>]`, such as `varchar(50) not null default 'x'`.
 * Without the metadata columns, which every table has. Key order carries no meaning (engines may sort it).
 */
export type ColumnSpecs = Readonly<Record<string, string>>;

/** `cdc:SinkTable` inputs. */
export interface SinkTableProps extends SinkProps {
  readonly schema: string;
  readonly table: string;
  readonly columns: ColumnSpecs;
  /** Column names in table order; used only when the table is created. Absent: key first, then by name. */
  readonly order?: readonly string[];
  readonly key: readonly string[];
  readonly onDelete: "hard" | "soft";
  /** The table is somebody else's: compared and validated, never altered, never dropped. */
  readonly targetExists: boolean;
  /** Destroy may drop the table with its rows. */
  readonly allowDrop: boolean;
  readonly applicationRole?: string;
  /** What the user says about changes of columns; absent when nothing. */
  readonly hints?: TableHints;
}

/** `cdc:SinkTable` outputs: the inputs without `order` and `hints`, and what the real table has besides. */
export interface SinkTableOutputs extends Omit<SinkTableProps, "order" | "hints"> {
  /** Columns that the table has and the configuration doesn't: left alone, known, no drift. */
  readonly kept?: readonly string[];
  /** Columns added by hand since the last deployment (drift): will be {@link kept}. */
  readonly unexpected?: readonly string[];
  /** What the {@link unexpected} columns are like: the configuration may want them by now, and files may have added them. */
  readonly found?: ColumnSpecs;
  /** Metadata columns as they really are; only when they differ from the standard ones (drift). */
  readonly metadata?: ColumnSpecs;
  /** false: the index on `__sync_timestamp` is missing (drift). */
  readonly index?: boolean;
}

/** `cdc:StagingTable` inputs. */
export interface StagingTableProps extends SinkProps {
  readonly schema: string;
  /** Final table's name. */
  readonly table: string;
  readonly staging: string;
  readonly columns: ColumnSpecs;
  /** true: survives a crash of PostgreSQL; false: UNLOGGED, faster. */
  readonly logged: boolean;
  readonly applicationRole?: string;
  /** What the user says about new names and types of columns; absent when nothing. */
  readonly hints?: Pick<TableHints, "renames" | "using">;
}

/** `cdc:StagingTable` outputs. */
export interface StagingTableOutputs extends Omit<StagingTableProps, "columns" | "hints"> {
  /** Its columns, where they are known: never in state. They tell whether staged rows are written again. */
  readonly columns?: ColumnSpecs;
  /** {@link ./definition.stagingDefinition}: `<hash of columns and types>:<hash of defaults>`. */
  readonly definition: string;
}

/** `cdc:MergeProcedure` inputs. */
export interface MergeProcedureProps extends SinkProps {
  readonly schema: string;
  readonly table: string;
  readonly staging: string;
  readonly procedure: string;
  readonly columns: ColumnSpecs;
  readonly key: readonly string[];
  readonly onDelete: "hard" | "soft";
  readonly source: { readonly database?: string; readonly schema: string; readonly table: string };
  readonly tenant?: string;
  /** Source names of the columns whose sink name differs. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** Template columns (not read from the source); the value is the constant in text form, or null for SQL NULL; absent in {@link defaulted}. */
  readonly constants?: Readonly<Record<string, string | null>>;
  /** Template columns whose constant is each customer's own, by column and customer. */
  readonly tenantConstants?: Readonly<Record<string, Readonly<Record<string, string | null>>>>;
  /** Source databases of these customers; null where not known. */
  readonly tenants?: Readonly<Record<string, string | null>>;
  /** Template columns filled by their DEFAULT. */
  readonly defaulted?: readonly string[];
  readonly transforms?: readonly string[];
  /** Staged rows that one call takes at most, about. */
  readonly batchSize: number;
  readonly applicationRole?: string;
}

/** `cdc:MergeProcedure` outputs. */
export interface MergeProcedureOutputs
  extends SinkProps, Pick<MergeProcedureProps, "schema" | "table" | "staging" | "procedure" | "applicationRole"> {
  /** {@link ./definition.procedureDefinition}: sha256 of the procedure's body, which names the shape's hash. */
  readonly definition: string;
}

/** Rows one merge call takes at most, when nothing else is configured. */
export const DEFAULT_BATCH_SIZE = 1_000_000;
