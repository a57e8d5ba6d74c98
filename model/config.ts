import type { MappingKind } from "./mapping";
import type { Place } from "./problem";
import type { OnDelete } from "./sink";
import type { CaptureSettings, ServerAddress } from "./source-capture";
import type { SnapshotMode } from "./topology";
import type { TypeMapping } from "./type-mapping";

/** The user's YAML for one service and environment: validated in form, variables resolved, nothing derived yet. */
export interface Config {
  readonly environment: string;
  /** Warnings of the pattern's rules count as errors. */
  readonly strict: boolean;
  readonly group: SourceGroup;
  readonly service: ServiceConfig;
  readonly templates: Readonly<Record<string, ColumnTemplate>>;
  readonly mapping: TypeMapping;
}

export type Pattern = "db-per-tenant" | "db-shared";

/** A source group of source-groups.yaml. */
export interface SourceGroup {
  readonly name: string;
  readonly pattern: Pattern;
  /** Kind of the source databases; SQL Server when absent. */
  readonly type?: "mssql" | "postgres";
  /** Customers in db-per-tenant, services in db-shared. */
  readonly sources: readonly SourceEntry[];
  /** Servers that sources name; none when absent. */
  readonly servers?: Readonly<Record<string, SourceServerConfig>>;
  /** How their tables are captured; {@link ./build-capture.DEFAULT_CAPTURE} when absent. */
  readonly capture?: CaptureSettings;
  readonly at: Place;
}

/** A server of source-groups.yaml. */
export interface SourceServerConfig {
  readonly address: ServerAddress;
  /** The file has the password itself, which no deployment uses: it would get into its state. */
  readonly passwordInFile: boolean;
  readonly at: Place;
}

export interface SourceEntry {
  readonly name: string;
  /** Settings of the source by environment; other environments are absent. */
  readonly environments: Readonly<Record<string, SourceEnvironment>>;
  readonly at: Place;
}

export interface SourceEnvironment {
  readonly database?: string;
  /** Environment of the sink that this source goes to, when it isn't its own. */
  readonly targetSinkEnvironment?: string;
  /** Further values by key, such as `customer_id` and `server`, a key of the group's servers; null is NULL. Sources are asked first, then their environment. */
  readonly values: Readonly<Record<string, string | null>>;
  readonly at: Place;
}

/** services/<service>.yaml */
export interface ServiceConfig {
  readonly name: string;
  readonly sourceTables: readonly SourceTableConfig[];
  /** For tables that have none of their own; `initial` when absent. */
  readonly snapshot?: SnapshotMode;
  /** Source tables, as `schema.table`, whose schema YAML could not be read; that has been reported. */
  readonly unread: readonly string[];
  readonly sinks: readonly SinkConfig[];
  /** Templates of names in Kafka, where the service has its own. */
  readonly pipelines?: { readonly topic?: string; readonly consumerGroup?: string };
  readonly at: Place;
}

export interface SourceTableConfig {
  readonly schema: string;
  readonly table: string;
  /** Source column names. */
  readonly primaryKey?: readonly string[];
  readonly ignoreColumns: readonly string[];
  readonly includeColumns?: readonly string[];
  /** When its rows are copied; absent: as the service says. */
  readonly snapshot?: SnapshotMode;
  /** The table as the schema YAML has it. */
  readonly definition: TableDefinition;
  readonly at: Place;
}

/** services/_schemas/<service>/<schema>/<Table>.yaml */
export interface TableDefinition {
  readonly schema: string;
  readonly table: string;
  readonly database?: string;
  readonly columns: readonly DefinedColumn[];
  readonly primaryKey?: readonly string[];
  /** Columns of each unique index besides the primary key. */
  readonly uniqueIndexes?: readonly (readonly string[])[];
  readonly description?: string;
  readonly at: Place;
}

export interface DefinedColumn {
  readonly name: string;
  /** SQL Server type as written; absent for computed columns without one. */
  readonly type?: string;
  readonly nullable: boolean;
  readonly primaryKey: boolean;
  readonly computed: boolean;
  readonly description?: string;
}

export interface SinkConfig {
  /** `<group>.<service>` as written. */
  readonly name: string;
  /** Database of the chosen environment. */
  readonly database: string;
  readonly manage: { readonly database: boolean; readonly role: boolean; readonly grants: boolean };
  readonly applicationRole?: string;
  readonly onDelete: OnDelete;
  readonly stagingLogged: boolean;
  readonly tables: readonly SinkTableConfig[];
  readonly at: Place;
}

export interface SinkTableConfig {
  /** As written: `{{SCHEMA}}.Actor`, `Actor`, `cust01.Actor`, `public.actor`. */
  readonly key: string;
  /** Schema as written; absent for a bare table name. */
  readonly schema?: string;
  readonly table: string;
  /** Source table as `schema` and `table`; `schema` is absent for a bare name. Absent: the source table of the same name. */
  readonly from?: { readonly schema?: string; readonly table: string };
  readonly targetExists: boolean;
  /** Source column by sink column. */
  readonly columns: Readonly<Record<string, string>>;
  readonly templates: readonly TemplateUse[];
  readonly transforms: readonly TransformUse[];
  /** `manual_migration_hints`. */
  readonly hints?: HintsConfig;
  /** Sink column names. */
  readonly primaryKey?: readonly string[];
  readonly onDelete?: OnDelete;
  readonly stagingLogged?: boolean;
  readonly at: Place;
}

/** What the user says about changes of a table that were or will be made; names as written. */
export interface HintsConfig {
  readonly renames: readonly RenameHint[];
  readonly notRenamed: readonly RenameHint[];
  /** `sql` is the USING expression. */
  readonly typeChanges: readonly ColumnHint[];
  /** `sql` is the statement to run first. */
  readonly setNotNull: readonly ColumnHint[];
}

export interface RenameHint {
  readonly from: string;
  readonly to: string;
  readonly at: Place;
}

export interface ColumnHint {
  readonly column: string;
  readonly sql?: string;
  readonly at: Place;
}

/** A column template attached to a sink table, with what this table has its own way. */
export interface TemplateUse {
  readonly template: string;
  readonly name?: string;
  readonly value?: string | null;
  readonly at: Place;
}

/** A transform of a sink table, with what its rule says. */
export interface TransformUse {
  /** File or rule, as written. */
  readonly reference: string;
  readonly stage: "source" | "sink";
  /** Of its rule in transform-rules.yaml. */
  readonly kind?: MappingKind;
  /** Column that it fills. */
  readonly outputColumn?: string;
  /** Type of that column, when nothing else makes it. */
  readonly outputType?: string;
  /** Bloblang of its file; absent when there is none. */
  readonly text?: string;
  readonly at: Place;
}

export type ValueSource = "literal" | "env" | "source_ref" | "sql" | "bloblang";

/** An entry of column-templates.yaml. */
export interface ColumnTemplate {
  readonly key: string;
  readonly name: string;
  /** Canonical sink type. */
  readonly type: string;
  readonly notNull: boolean;
  readonly value?: string | null;
  /** How {@link value} is read; absent: by its form. */
  readonly valueSource?: ValueSource;
  /** DEFAULT expression in SQL. */
  readonly default?: string;
  readonly description?: string;
  /** Tables that get it without being told, as a pattern with `*`: `dbo.*`. */
  readonly appliesTo?: string;
  readonly at: Place;
}
