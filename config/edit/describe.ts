import { parseTableName } from "../../model/table-name";
import type { EditedFolder } from "./edited-folder";
import { usesOfServer } from "./group-steps";
import { environmentsOf, valuesOf, type GroupText } from "./group-text";
import { schemaColumns } from "./schema-yaml";
import { sinksOf, sinkTables, sourceTableKey, sourceTables, usesOfSourceTable, type ServiceText } from "./service-text";

/** A source table as lists show it. */
export interface TableLine {
  readonly table: string;
  /** Only when the configuration names it. */
  readonly primaryKey: readonly string[];
  readonly ignoreColumns: readonly string[];
  /** Sink tables, as `sink table`. */
  readonly goesTo: readonly string[];
}

/** A sink as lists show it. */
export interface SinkLine {
  readonly sink: string;
  /** `environment=name`, as written; a name alone is that of every other environment. */
  readonly databases: readonly string[];
  readonly tables: readonly SinkTableLine[];
}

/** A sink table as lists show it. */
export interface SinkTableLine {
  readonly table: string;
  readonly from: string;
  /** Source column by sink column. */
  readonly columns: Readonly<Record<string, string>>;
  readonly templates: readonly string[];
  readonly targetExists: boolean;
}

/** A column of the schema YAML and what becomes of it. */
export interface ColumnLine {
  readonly column: string;
  readonly type: string;
  readonly ignored: boolean;
  /** Where it has another name. */
  readonly sinkColumns: readonly { readonly sink: string; readonly table: string; readonly name: string }[];
}

export function describeTables(service: ServiceText): TableLine[] {
  return Object.entries(sourceTables(service)).map(([table, written]) => ({
    table,
    primaryKey: [written?.primary_key ?? []].flat(),
    ignoreColumns: written?.ignore_columns ?? [],
    goesTo: usesOfSourceTable(service, table).map((use) => `${use.sink} ${use.table}`),
  }));
}

export function describeSinks(service: ServiceText): SinkLine[] {
  const sources = Object.keys(sourceTables(service));
  return Object.entries(sinksOf(service)).map(([sink, { database, databases = {} }]) => ({
    sink,
    databases: [
      ...Object.entries(databases).map(([environment, name]) => `${environment}=${name}`),
      ...(database === undefined ? [] : [database]),
    ],
    tables: Object.entries(sinkTables(service, sink)).map(([table, written]) => ({
      table,
      from: written?.from ?? sources.find((key) => parseTableName(key).table === parseTableName(table).table) ?? "?",
      columns: written?.columns ?? {},
      templates: (written?.column_templates ?? []).map((use) => (typeof use === "string" ? use : use.template)),
      targetExists: written?.target_exists ?? false,
    })),
  }));
}

/** Columns of a source table, from its schema YAML. Throws CdcError (CDC_EDIT_UNKNOWN) when there is none. */
export function describeColumns(folder: EditedFolder, service: ServiceText, wanted: string): ColumnLine[] {
  const key = sourceTableKey(service, wanted);
  const ignored = sourceTables(service)[key]?.ignore_columns ?? [];
  const renamed = usesOfSourceTable(service, key).flatMap((use) =>
    Object.entries(sinkTables(service, use.sink)[use.table]?.columns ?? {}).map(([name, column]) => ({
      ...use,
      name,
      column,
    })),
  );
  return schemaColumns(folder, service, key).columns.map(({ name, type = "computed" }) => ({
    column: name,
    type,
    ignored: ignored.includes(name),
    sinkColumns: renamed
      .filter((one) => one.column === name)
      .map(({ sink, table: place, name: own }) => ({ sink, table: place, name: own })),
  }));
}

/** A customer or service of a group as lists show it. */
export interface SourceLine {
  readonly source: string;
  readonly environments: readonly {
    readonly environment: string;
    readonly database: string;
    readonly server?: string;
  }[];
  /** Values that hold in every environment, as written. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** A server of a group as lists show it, without its password. */
export interface ServerLine {
  readonly server: string;
  readonly host: string;
  readonly port: string;
  readonly user: string;
  /** Number of environments of sources that are on it. */
  readonly environments: number;
}

export function describeSources({ written }: GroupText): SourceLine[] {
  return Object.entries(written.sources ?? {}).map(([source, one]) => ({
    source,
    environments: Object.entries(environmentsOf(one)).map(([environment, { database, server }]) => ({
      environment,
      database: String(database ?? "-"),
      ...(typeof server === "string" ? { server } : {}),
    })),
    values: valuesOf(one),
  }));
}

export function describeServers(group: GroupText): ServerLine[] {
  return Object.entries(group.written.servers ?? {}).map(([server, { host = "-", port = "-", user = "-" }]) => ({
    server,
    host,
    port: String(port),
    user,
    environments: usesOfServer(group, server).length,
  }));
}
