import type { Column } from "./column";
import type { Mapping } from "./mapping";
import type { CapturedDatabase } from "./source-capture";
import type { TableHints } from "./table-hints";

/** What a delete at the source does to the sink's row. */
export type OnDelete = "hard" | "soft";

/** Something worth telling the user that is not an error. */
export interface Note {
  readonly severity: "info" | "warning";
  /** The object it is about, such as `dbo.Actor.TotalDue`. */
  readonly object: string;
  readonly text: string;
}

/** One table of a sink, in one concrete schema. Names are unquoted and at most 63 bytes. */
export interface SinkTable {
  readonly schema: string;
  readonly name: string;
  /** Staging table's name, in the same schema: `stg_<name>`. */
  readonly staging: string;
  /** Merge procedure's name, in the same schema: `sp_merge_<name>`, case kept. */
  readonly procedure: string;
  /** Where the rows come from. `database` is absent when the source database isn't known. */
  readonly source: { readonly database?: string; readonly schema: string; readonly table: string };
  /** Customer in db-per-tenant. */
  readonly tenant?: string;
  /** Customers whose rows come together here, with their databases (null: not known); absent where no column needs to tell them apart. */
  readonly tenants?: Readonly<Record<string, string | null>>;
  /** All columns in order: source, then template, then metadata. */
  readonly columns: readonly Column[];
  /** Sink names of the key columns, in key order; never empty. */
  readonly key: readonly string[];
  /** The table belongs to somebody else: compared and validated, never altered. */
  readonly targetExists: boolean;
  readonly onDelete: OnDelete;
  readonly stagingLogged: boolean;
  /** Transforms named in the config, noted in preview. */
  readonly transforms: readonly string[];
  /** What pipeline documents make of its rows; absent when nothing. */
  readonly mappings?: readonly Mapping[];
  /** What it holds, in the words of the schema YAML. */
  readonly description?: string;
  readonly notes: readonly Note[];
  /** What the user says about its changes; absent when nothing. */
  readonly hints?: TableHints;
}

/** One sink schema. */
export interface SinkSchema {
  readonly name: string;
  readonly tenant?: string;
}

/** One sink database of a service in one environment. */
export interface Sink {
  /** Key in the config, such as `main.directory`. */
  readonly name: string;
  /** Database of the chosen environment. */
  readonly database: string;
  /** What `manage:` asks us to own: the database, an application role and its grants. */
  readonly manage: { readonly database: boolean; readonly role: boolean; readonly grants: boolean };
  /** Application role that loads and merges. */
  readonly applicationRole?: string;
  readonly schemas: readonly SinkSchema[];
  readonly tables: readonly SinkTable[];
}

/** How a service's rows go through Kafka. */
export interface KafkaSettings {
  /** Source group. */
  readonly group: string;
  /** Sources that are active in the environment: customers in db-per-tenant, else the service. */
  readonly sources: readonly { readonly name: string; readonly database?: string }[];
  /** Templates: {@link ./kafka-names}. */
  readonly topic: string;
  readonly consumerGroup: string;
}

/** The desired state of one service in one environment: what every rendering is made from. */
export interface PipelineModel {
  readonly service: string;
  readonly environment: string;
  readonly pattern: "db-per-tenant" | "db-shared";
  readonly kafka: KafkaSettings;
  readonly sinks: readonly Sink[];
  /** Source databases to capture; none where no server is declared. */
  readonly capture: readonly CapturedDatabase[];
  readonly notes: readonly Note[];
}
