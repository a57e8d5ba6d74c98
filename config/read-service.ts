import type { SinkConfig, SinkTableConfig, SourceTableConfig, TemplateUse } from "../model/config";
import type { OnDelete } from "../model/sink";
import { within, type Place } from "../model/problem";
import { parseTableName } from "../model/table-name";
import type { SnapshotMode } from "../model/topology";
import type { ConfigFolder } from "./config-folder";
import { readHints, type WrittenHints } from "../model/read-hints";
import { readTable } from "./read-tables";
import type { transformReader, WrittenTransform } from "./read-transforms";

type Names = string | readonly string[];
type Scalar = string | number | boolean | null;

interface WrittenSourceTable {
  readonly primary_key?: Names;
  readonly ignore_columns?: readonly string[] | null;
  readonly include_columns?: readonly string[] | null;
  readonly snapshot?: SnapshotMode;
}

interface WrittenSinkTable {
  readonly from?: string;
  readonly target_exists?: boolean;
  readonly replicate_structure?: boolean;
  readonly columns?: Readonly<Record<string, string>>;
  readonly column_templates?: readonly (string | { template: string; name?: string; value?: Scalar })[] | null;
  readonly transforms?: readonly WrittenTransform[] | null;
  readonly primary_key?: Names;
  readonly on_delete?: OnDelete;
  readonly staging?: "logged" | "unlogged";
  readonly manual_migration_hints?: WrittenHints | null;
}

interface WrittenSink {
  readonly database?: string;
  readonly databases?: Readonly<Record<string, string>>;
  readonly manage?: { readonly database?: boolean; readonly role?: boolean; readonly grants?: boolean };
  readonly application_role?: string;
  readonly on_delete?: OnDelete;
  readonly staging?: "logged" | "unlogged";
  readonly tables: Readonly<Record<string, WrittenSinkTable | null>> | null;
}

export interface WrittenService {
  readonly server_group?: string;
  readonly source: {
    readonly tables: Readonly<Record<string, WrittenSourceTable | null>> | null;
    readonly snapshot?: SnapshotMode;
  };
  readonly sinks: Readonly<Record<string, WrittenSink>> | null;
  readonly pipelines?: { readonly topic?: string; readonly consumer_group?: string } | null;
}

/** A service file with its root key taken off. */
export interface ServiceFile {
  readonly name: string;
  readonly at: Place;
  readonly written: WrittenService;
}

export const SERVICES_FOLDER = "services";

/** Reads services/<name>.yaml in either form. */
export function readServiceFile(folder: ConfigFolder, name: string): ServiceFile | undefined {
  const file = `${SERVICES_FOLDER}/${name}.yaml`;
  const content = folder.require<Record<string, unknown>>(
    file,
    "service",
    "it says which tables are captured and where they go",
  );
  if (content === undefined) return undefined;
  const legacy = typeof content["service"] === "string";
  const [root, payload] = Object.entries(content)[0] ?? [];
  const declared = legacy ? String(content["service"]) : (root ?? "");
  const at: Place = { file, path: legacy ? [] : [declared] };
  if (declared !== name) {
    folder.problem(
      legacy ? within(at, "service") : at,
      `is about service ${declared}, but the file is named ${name}.yaml`,
      "rename the file or the service",
    );
  }
  return { name, at, written: (legacy ? content : payload) as WrittenService };
}

/** Source tables with their schema YAML, and the names of those that have none. */
export interface ReadSourceTables {
  readonly sourceTables: readonly SourceTableConfig[];
  readonly unread: readonly string[];
}

export function readSourceTables(folder: ConfigFolder, service: ServiceFile): ReadSourceTables {
  const sourceTables: SourceTableConfig[] = [];
  const unread: string[] = [];
  for (const [key, written] of Object.entries(service.written.source.tables ?? {})) {
    const { schema, table } = parseTableName(key);
    const read = sourceTable(folder, service, key, written ?? {});
    if (read === undefined) unread.push(schema === undefined ? table : `${schema}.${table}`);
    else sourceTables.push(read);
  }
  return { sourceTables, unread };
}

function sourceTable(
  folder: ConfigFolder,
  service: ServiceFile,
  key: string,
  written: WrittenSourceTable,
): SourceTableConfig | undefined {
  const at = within(service.at, "source", "tables", key);
  const { schema, table } = parseTableName(key);
  if (schema === undefined || schema === "" || table === "") {
    folder.problem(at, `"${key}" is no schema.table`, `write it like dbo.${table === "" ? "Actor" : table}`);
    return undefined;
  }
  const definition = readTable(folder, service.name, schema, table, at);
  return definition === undefined ? undefined : { schema, table, ...sourceTableParts(written), definition, at };
}

function sourceTableParts(
  written: WrittenSourceTable,
): Pick<SourceTableConfig, "primaryKey" | "ignoreColumns" | "includeColumns" | "snapshot"> {
  const { primary_key: key, ignore_columns: ignored, include_columns: included, snapshot } = written;
  return {
    ...(key === undefined ? {} : { primaryKey: names(key) }),
    ignoreColumns: ignored ?? [],
    ...(included === undefined || included === null ? {} : { includeColumns: included }),
    ...(snapshot === undefined ? {} : { snapshot }),
  };
}

/** What a sink needs from elsewhere. */
export interface SinkSurroundings {
  /** Database of a sink that names none itself. */
  readonly databaseOf: (
    sink: string,
    written: Pick<WrittenSink, "database" | "databases">,
    at: Place,
  ) => string | undefined;
  readonly applicationRole: string;
  readonly transformOf: ReturnType<typeof transformReader>;
}

/** Sinks of a service; one without a database in the environment is left out with a problem. */
export function readSinks(folder: ConfigFolder, service: ServiceFile, surroundings: SinkSurroundings): SinkConfig[] {
  const entries = Object.entries(service.written.sinks ?? {});
  if (entries.length === 0)
    folder.problem(
      within(service.at, "sinks"),
      `service ${service.name} has no sink`,
      "add one, such as main.clinic:, with database: and tables:",
    );
  return entries.flatMap(([name, written]) => {
    const at = within(service.at, "sinks", name);
    const tables = Object.entries(written.tables ?? {}).map(([key, table]) =>
      sinkTable(folder, key, table ?? {}, within(at, "tables", key), surroundings),
    );
    const database = surroundings.databaseOf(name, written, at);
    if (database === undefined) return [];
    const { database: own = false, role = false, grants = false } = written.manage ?? {};
    const applicationRole = written.application_role ?? surroundings.applicationRole;
    const stagingLogged = written.staging === "logged";
    return [
      {
        name,
        database,
        manage: { database: own, role, grants },
        applicationRole,
        onDelete: written.on_delete ?? "hard",
        stagingLogged,
        tables,
        at,
      },
    ];
  });
}

function sinkTable(
  folder: ConfigFolder,
  key: string,
  written: WrittenSinkTable,
  at: Place,
  { transformOf }: SinkSurroundings,
): SinkTableConfig {
  const targetExists = written.target_exists ?? false;
  if (targetExists && written.replicate_structure === true) {
    folder.problem(
      at,
      "has both target_exists and replicate_structure",
      "choose one: an existing table is never altered",
    );
  }
  const { primary_key: primaryKey, on_delete: onDelete, staging, from, manual_migration_hints: hints } = written;
  return {
    key,
    ...parseTableName(key),
    ...(from === undefined ? {} : { from: parseTableName(from) }),
    targetExists,
    columns: written.columns ?? {},
    templates: (written.column_templates ?? []).map((use, index) =>
      templateUse(use, within(at, "column_templates", index)),
    ),
    transforms: (written.transforms ?? []).map((use, index) => transformOf(use, within(at, "transforms", index))),
    ...(primaryKey === undefined ? {} : { primaryKey: names(primaryKey) }),
    ...(onDelete === undefined ? {} : { onDelete }),
    ...(staging === undefined ? {} : { stagingLogged: staging === "logged" }),
    ...(hints === undefined || hints === null ? {} : { hints: readHints(hints, within(at, "manual_migration_hints")) }),
    at,
  };
}

function templateUse(written: string | { template: string; name?: string; value?: Scalar }, at: Place): TemplateUse {
  if (typeof written === "string") return { template: written, at };
  const { template, name, value } = written;
  return {
    template,
    ...(name === undefined ? {} : { name }),
    ...(value === undefined ? {} : { value: value === null ? null : String(value) }),
    at,
  };
}

function names(written: Names): readonly string[] {
  return typeof written === "string" ? [written] : written;
}
