import type { Pattern } from "../../model/config";
import { listedFiles, type FileFault, type MigrationFolder } from "../folder";
import type { FileEntry, Manifest, ManualEntry, SchemaEntry, TableEntry } from "../migration-set";
import { isIn } from "../migration-set";
import { FilePaths } from "./file-paths";
import { FormerTables } from "./former-tables";
import type { GatheredSink, GatheredTable } from "./gathered";
import { mergeSchemas } from "./gather";
import { infrastructureFiles } from "./infrastructure-files";
import { nextTable, type NextTable } from "./next-table";
import { removedTables, type RemovedTables } from "./removed-tables";
import { isMeant, type Scope } from "./scope";
import type { RenderedFile } from "./table-files";

/** What a sink's folder becomes. */
export interface FolderPlan {
  readonly manifest: Manifest;
  /** Files of this run, steps and manual files first. */
  readonly files: readonly RenderedFile[];
  /** Files that the former manifest lists and the new one doesn't. */
  readonly dropped: readonly string[];
  readonly tables: readonly NextTable[];
  readonly removed: RemovedTables;
  /** Faults of files that this run would write over or build on. */
  readonly faults: readonly FileFault[];
}

/** Plans a folder from the configuration and what was generated before; parts out of scope stay as they are. */
export function planFolder(
  sink: GatheredSink,
  previous: MigrationFolder | undefined,
  scope: Scope,
  orphans: readonly FileEntry[],
): FolderPlan {
  const former = new FormerTables(previous);
  const before = previous?.manifest;
  const entries = [...(before?.tables ?? []), ...(before?.removed ?? [])];
  const services = scope.everyService === true ? entries.map(({ service }) => service) : sink.services;
  const touched = entries.filter((entry) => services.includes(entry.service) && isMeant(entry, scope));
  const unwanted = touched.filter((entry) => isGone(entry, sink.tables, before));
  const moved = unwanted.filter((entry) => isTakenOver(entry, sink.tables, before));
  const paths = new FilePaths(entries.filter((entry) => !moved.includes(entry)));
  const meant = sink.tables.filter(({ schema, name }) => isMeant({ schema, table: name }, scope));
  const tables = meant.map((table) => {
    const own = paths.of({ ...table, table: table.name });
    const entry = moved.find(({ schema, table: name }) => schema === table.schema && name === table.name);
    const continued = entry === undefined ? [] : former.manualOf(entry);
    return nextTable(table, {
      paths: own,
      former: former.of(table) ?? (entry && former.by(entry)),
      manual: [
        ...former.manualOf({ ...table, table: table.name }),
        ...continued.map((manual) => ({ ...manual, service: table.service })),
      ],
      orphans: orphans.filter(({ file }) => file.startsWith(own.changes)),
    });
  });
  const gone = unwanted.filter((entry) => !moved.includes(entry));
  const removed = removedTables(gone, new Set(before?.removed ?? []), former, paths);
  const schemas = nextSchemas(sink, before, scope);
  const whole = before === undefined || scope.table === undefined;
  const infrastructure = whole ? infrastructureFiles(sink.name, sink.applicationRole, schemas) : [];
  const manifest = nextManifest(sink, { before, touched, tables, removed, schemas, infrastructure });
  const files = [...tables.flatMap((table) => table.files), ...removed.files, ...infrastructure];
  return {
    manifest,
    files: [...files].sort((one, other) => rank(one) - rank(other)),
    dropped: droppedFiles(before, manifest),
    tables,
    removed,
    faults: faultsOf(previous, touched, infrastructure),
  };
}

/** Steps and manual files can't be made again once the files that they lead to are there: they are written first. */
function rank({ path }: RenderedFile): number {
  return path.startsWith("02-changes/") || path.startsWith("manual/") ? 0 : 1;
}

interface Parts {
  readonly before: Manifest | undefined;
  readonly touched: readonly TableEntry[];
  readonly tables: readonly NextTable[];
  readonly removed: RemovedTables;
  readonly schemas: Manifest["schemas"];
  readonly infrastructure: readonly RenderedFile[];
}

function nextManifest(sink: GatheredSink, parts: Parts): Manifest {
  const { before, touched, tables, removed, schemas, infrastructure } = parts;
  const others = (list: readonly TableEntry[] = []) => list.filter((entry) => !touched.includes(entry));
  const isTouched = (manual: ManualEntry) => touched.some((entry) => sameTable(entry, manual));
  const manual = [
    ...(before?.manual ?? []).filter((entry) => !isTouched(entry)),
    ...tables.flatMap((table) => table.manual),
    ...removed.manual,
  ];
  const own = infrastructure.map(({ path, checksum }) => ({ file: path, checksum }));
  return {
    version: 1,
    sink: headOf(sink, before),
    databases: databasesOf(sink, before, schemas),
    infrastructure: own.length === 0 ? (before?.infrastructure ?? []) : own,
    tables: [...others(before?.tables), ...tables.map(({ entry }) => entry)].sort(inOrder),
    removed: [...others(before?.removed), ...removed.entries].sort(inOrder),
    manual: manual.sort((one, other) => (one.file < other.file ? -1 : 1)),
    schemas,
  };
}

function headOf({ name, pattern, applicationRole }: GatheredSink, before: Manifest | undefined): Manifest["sink"] {
  const kind: Pattern = before?.sink.pattern ?? pattern;
  return { name, pattern: kind, ...(applicationRole === undefined ? {} : { application_role: applicationRole }) };
}

function databasesOf(
  sink: GatheredSink,
  before: Manifest | undefined,
  schemas: Manifest["schemas"],
): Manifest["databases"] {
  const all = Object.entries({ ...before?.databases, ...sink.databases });
  return sorted(Object.fromEntries(all.filter(([environment]) => Object.hasOwn(schemas, environment))));
}

/** Environments and schemas of this run's services; those of other services stay. */
function nextSchemas(sink: GatheredSink, before: Manifest | undefined, scope: Scope): Manifest["schemas"] {
  const names = [...new Set([...Object.keys(before?.schemas ?? {}), ...Object.keys(sink.schemas)])].sort();
  const next = names.map((environment) => {
    const old = before?.schemas[environment] ?? [];
    const others = scope.everyService === true ? [] : old.flatMap((entry) => withoutServices(entry, sink.services));
    // The files of tables that are not written now need the values that they were written for.
    const kept = scope.table === undefined ? others : old;
    return [environment, mergeSchemas([kept, withOldValues(sink.schemas[environment] ?? [], scope, old)])] as const;
  });
  return Object.fromEntries(next.filter(([, entries]) => entries.length > 0));
}

function withOldValues(entries: readonly SchemaEntry[], scope: Scope, old: readonly SchemaEntry[]): SchemaEntry[] {
  if (scope.table === undefined) return [...entries];
  return entries.map((entry) => {
    const known = old.find(({ name }) => name === entry.name);
    const services = Object.entries(entry.services).map(([service, values]) => {
      return [service, sorted({ ...known?.services[service], ...values })] as const;
    });
    return { ...entry, services: Object.fromEntries(services) };
  });
}

function withoutServices(entry: SchemaEntry, services: readonly string[]): SchemaEntry[] {
  const left = Object.entries(entry.services).filter(([service]) => !services.includes(service));
  return left.length === 0 ? [] : [{ ...entry, services: Object.fromEntries(left) }];
}

/** Whether no files of the new manifest are for what this entry's files are for. */
function isGone(entry: TableEntry, tables: readonly GatheredTable[], before: Manifest | undefined): boolean {
  const named = tables.filter(({ service, name }) => service === entry.service && name === entry.table);
  if (named.some(({ schema }) => schema === entry.schema)) return false;
  const schemas = Object.values(before?.schemas ?? {})
    .flat()
    .filter((schema) => isIn(entry, schema));
  return !schemas.some(({ name, tenant }) =>
    named.some(
      ({ schema, except }) =>
        schema === name || (schema === "{{SCHEMA}}" && tenant !== undefined && !except.includes(name)),
    ),
  );
}

/** Whether another service has the table now: nobody is to be told to drop it. */
function isTakenOver(
  { service, schema, table }: TableEntry,
  tables: readonly GatheredTable[],
  before: Manifest | undefined,
): boolean {
  const others = [...tables.map(({ name, ...more }) => ({ ...more, table: name })), ...(before?.tables ?? [])].filter(
    (other) => other.service !== service,
  );
  return others.some((other) => other.schema === schema && other.table === table);
}

function droppedFiles(before: Manifest | undefined, manifest: Manifest): string[] {
  if (before === undefined) return [];
  const listed = new Set(listedFiles(manifest).map(({ file }) => file));
  return listedFiles(before)
    .map(({ file }) => file)
    .filter((file) => !listed.has(file));
}

function faultsOf(
  previous: MigrationFolder | undefined,
  touched: readonly TableEntry[],
  infrastructure: readonly RenderedFile[],
): FileFault[] {
  const own = touched.flatMap(({ files, changes }) => [...files, ...changes].map(({ file }) => file));
  const meant = new Set([...own, ...infrastructure.map(({ path }) => path)]);
  return (previous?.faults ?? []).filter(({ file }) => meant.has(file));
}

function sameTable(one: ManualEntry | TableEntry, other: ManualEntry | TableEntry): boolean {
  return one.service === other.service && one.schema === other.schema && one.table === other.table;
}

function inOrder(one: TableEntry, other: TableEntry): number {
  const [left, right] = [one, other].map(({ service, table, schema }) => [service, table, schema].join("\0"));
  return (left ?? "") < (right ?? "") ? -1 : 1;
}

function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1)));
}
