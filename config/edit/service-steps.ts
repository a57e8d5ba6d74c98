import { isDeepStrictEqual } from "node:util";
import { parseTableName } from "../../model/table-name";
import { existsAlready, unknownName } from "./known-name";
import type { YamlMapping, YamlValue } from "./render";
import { sinksOf, sinkTables, sourceTables, type ServiceText } from "./service-text";
import type { YamlStep } from "./yaml-step";

/** What a new source table says; empty parts are left out. */
export interface NewSourceTable {
  readonly primaryKey?: readonly string[];
  readonly ignoreColumns?: readonly string[];
  readonly includeColumns?: readonly string[];
}

/** What a new sink says; empty parts are left out. */
export interface NewSink {
  readonly database?: string;
  /** Database by environment. */
  readonly databases?: Readonly<Record<string, string>>;
  readonly applicationRole?: string;
  readonly onDelete?: string;
  readonly staging?: string;
}

/** What a new sink table says; empty parts are left out. */
export interface NewSinkTable {
  /** Source table, as `schema.table`. */
  readonly from?: string;
  readonly targetExists?: boolean;
  /** Source column by sink column. */
  readonly columns?: Readonly<Record<string, string>>;
  readonly templates?: readonly string[];
  readonly primaryKey?: readonly string[];
  readonly onDelete?: string;
  readonly staging?: string;
}

/** Steps that add a source table; none when it is there and says the same. Throws CdcError (CDC_EDIT_EXISTS). */
export function addSourceTable(service: ServiceText, key: string, table: NewSourceTable): YamlStep[] {
  const value = filled({
    primary_key: oneOrMore(table.primaryKey),
    ignore_columns: table.ignoreColumns,
    include_columns: table.includeColumns,
  });
  const path = [...service.root, "source", "tables", key];
  return addUnlessSame(path, sourceTables(service), key, value, `source table ${key} of service ${service.name}`);
}

export function removeSourceTable(service: ServiceText, key: string): YamlStep[] {
  return [{ op: "remove", path: [...service.root, "source", "tables", key], whenEmpty: "nothing" }];
}

/** Steps that stop capturing columns of a source table, those that still are. */
export function ignoreColumns(service: ServiceText, table: string, columns: readonly string[]): YamlStep[] {
  const known = sourceTables(service)[table]?.ignore_columns ?? [];
  const path = [...service.root, "source", "tables", table, "ignore_columns"];
  return distinct(columns)
    .filter((column) => !known.includes(column))
    .map((value) => ({ op: "append", path, value }));
}

/** Steps that capture columns again; the list goes with its last one. Throws CdcError (CDC_EDIT_UNKNOWN). */
export function unignoreColumns(service: ServiceText, table: string, columns: readonly string[]): YamlStep[] {
  const known = [...(sourceTables(service)[table]?.ignore_columns ?? [])];
  return distinct(columns).map((column) => {
    const index = known.indexOf(column);
    if (index < 0) throw unknownName(`${table} does not ignore column`, column, known);
    known.splice(index, 1);
    const path = [...service.root, "source", "tables", table, "ignore_columns", index];
    return { op: "remove", path, whenEmpty: "prune" };
  });
}

/** Steps that add a sink. Throws CdcError (CDC_EDIT_EXISTS). */
export function addSink(service: ServiceText, name: string, sink: NewSink): YamlStep[] {
  const value = { ...sinkParts(sink), tables: null };
  return addUnlessSame(
    [...service.root, "sinks", name],
    sinksOf(service),
    name,
    value,
    `sink ${name} of service ${service.name}`,
  );
}

export function sinkParts(sink: NewSink): YamlMapping {
  const { database, databases, applicationRole, onDelete, staging } = sink;
  const parts = { database, databases, application_role: applicationRole, on_delete: onDelete, staging };
  return filled(parts) ?? {};
}

export function removeSink(service: ServiceText, name: string): YamlStep[] {
  return [{ op: "remove", path: [...service.root, "sinks", name], whenEmpty: "nothing" }];
}

/** Steps that name the database of a sink in environments, whether it had one there or not. */
export function setDatabases(
  service: ServiceText,
  sink: string,
  databases: Readonly<Record<string, string>>,
): YamlStep[] {
  const known = sinksOf(service)[sink]?.databases ?? {};
  return Object.entries(databases).flatMap(([environment, value]) =>
    setOrAdd([...service.root, "sinks", sink, "databases", environment], known[environment], value),
  );
}

/** Steps that take environments off a sink. Throws CdcError (CDC_EDIT_UNKNOWN). */
export function removeDatabases(service: ServiceText, sink: string, environments: readonly string[]): YamlStep[] {
  const known = Object.keys(sinksOf(service)[sink]?.databases ?? {});
  return distinct(environments).map((environment) => {
    if (!known.includes(environment))
      throw unknownName(`sink ${sink} has no databases: for environment`, environment, known);
    return { op: "remove", path: [...service.root, "sinks", sink, "databases", environment], whenEmpty: "prune" };
  });
}

/** Whether a sink table must say where it comes from: another schema has a table of that name. */
export function needsFrom(service: ServiceText, source: string): boolean {
  const { table } = parseTableName(source);
  return Object.keys(sourceTables(service)).some((key) => key !== source && parseTableName(key).table === table);
}

/** Key for a new sink table, written as those beside it: `{{SCHEMA}}.Actor`, or `Actor` where all are bare. */
export function newSinkTableKey(service: ServiceText, sink: string, source: string): string {
  const keys = Object.keys(sinkTables(service, sink));
  const bare = keys.length > 0 && keys.every((key) => parseTableName(key).schema === undefined);
  return bare ? bareName(source) : schemaKey(source);
}

/** Key of a sink table in the schema of each customer, or of the service. */
export function schemaKey(source: string): string {
  return `{{SCHEMA}}.${bareName(source)}`;
}

function bareName(source: string): string {
  const { table } = parseTableName(source);
  return table.includes(".") ? `"${table.replaceAll('"', '""')}"` : table;
}

/** Steps that add a table to a sink. Throws CdcError (CDC_EDIT_EXISTS). */
export function addSinkTable(service: ServiceText, sink: string, key: string, table: NewSinkTable): YamlStep[] {
  const value = filled({
    from: table.from,
    target_exists: table.targetExists,
    columns: table.columns,
    column_templates: table.templates,
    primary_key: oneOrMore(table.primaryKey),
    on_delete: table.onDelete,
    staging: table.staging,
  });
  const path = [...service.root, "sinks", sink, "tables", key];
  return addUnlessSame(path, sinkTables(service, sink), key, value, `table ${key} of sink ${sink}`);
}

export function removeSinkTable(service: ServiceText, sink: string, key: string): YamlStep[] {
  return [{ op: "remove", path: [...service.root, "sinks", sink, "tables", key], whenEmpty: "nothing" }];
}

/** Steps that rename columns: source column by sink column. */
export function mapColumns(
  service: ServiceText,
  sink: string,
  table: string,
  columns: Readonly<Record<string, string>>,
): YamlStep[] {
  const known = sinkTables(service, sink)[table]?.columns ?? {};
  return Object.entries(columns).flatMap(([column, source]) =>
    setOrAdd([...service.root, "sinks", sink, "tables", table, "columns", column], known[column], source),
  );
}

/** Steps that give columns their source names back. Throws CdcError (CDC_EDIT_UNKNOWN). */
export function unmapColumns(
  service: ServiceText,
  sink: string,
  table: string,
  columns: readonly string[],
): YamlStep[] {
  const known = Object.keys(sinkTables(service, sink)[table]?.columns ?? {});
  return distinct(columns).map((column) => {
    if (!known.includes(column)) throw unknownName(`columns: of ${table} has no`, column, known);
    return {
      op: "remove",
      path: [...service.root, "sinks", sink, "tables", table, "columns", column],
      whenEmpty: "prune",
    };
  });
}

/** A new key, or another value for one that is there; nothing when it says that already. */
export function setOrAdd(path: YamlStep["path"], known: unknown, value: string): YamlStep[] {
  if (known === value) return [];
  return [known === undefined ? { op: "add", path, value } : { op: "set", path, value }];
}

/** A new key; nothing when it is there with the same value. Throws CdcError (CDC_EDIT_EXISTS) when it says something else. */
export function addUnlessSame(
  path: YamlStep["path"],
  known: Readonly<Record<string, unknown>>,
  key: string,
  value: YamlValue,
  what: string,
): YamlStep[] {
  if (!Object.hasOwn(known, key)) return [{ op: "add", path, value }];
  if (value === null || isDeepStrictEqual(known[key], value)) return [];
  throw existsAlready(what, "Change it with the other verbs, or remove it first.");
}

/** The parts that say something; null when none does. */
export function filled(parts: Readonly<Record<string, YamlValue | undefined>>): YamlMapping | null {
  const said = Object.entries(parts).filter((part): part is [string, YamlValue] => !saysNothing(part[1]));
  return said.length === 0 ? null : Object.fromEntries(said);
}

function saysNothing(value: YamlValue | undefined): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function oneOrMore(names: readonly string[] | undefined): YamlValue | undefined {
  return names?.length === 1 ? names[0] : names;
}

export function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
