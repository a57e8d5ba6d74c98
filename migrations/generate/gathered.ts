import type { Pattern } from "../../model/config";
import type { SinkTable } from "../../model/sink";
import type { SchemaEntry } from "../migration-set";

/** A service's desired state in every environment: what the configuration gives. */
export interface ServiceInput {
  readonly service: string;
  readonly models: readonly import("../../model/sink").PipelineModel[];
  /** Database by sink and environment, as written. */
  readonly databases: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A table of one schema in one environment. */
export interface Instance {
  readonly environment: string;
  readonly table: SinkTable;
}

/** Tables that one pair of files is right for. */
export interface GatheredTable {
  readonly service: string;
  /** Concrete, or the placeholder. */
  readonly schema: string;
  readonly name: string;
  readonly applicationRole?: string;
  /** Never empty; equal but for what the placeholders stand for. */
  readonly instances: readonly Instance[];
  /** Customers' schemas that these files are not for. */
  readonly except: readonly string[];
  /** Names of the placeholders, by what they stand for; see {@link ./placeholder-names}. */
  readonly placeholders: TablePlaceholders;
}

/** Placeholders of one table, without braces. */
export interface TablePlaceholders {
  readonly database: string;
  readonly tenants: string;
  /** By column: those whose constant isn't the same everywhere. */
  readonly values: Readonly<Record<string, string>>;
  /** By column with a constant per customer. */
  readonly valuesByTenant: Readonly<Record<string, string>>;
}

/** A sink of the services asked for. */
export interface GatheredSink {
  readonly name: string;
  readonly pattern: Pattern;
  readonly applicationRole?: string;
  readonly services: readonly string[];
  readonly databases: Readonly<Record<string, string>>;
  readonly tables: readonly GatheredTable[];
  /** By environment. */
  readonly schemas: Readonly<Record<string, readonly SchemaEntry[]>>;
}
