import { readdirSync } from "node:fs";
import { join } from "node:path";
import { SERVICES_FOLDER } from "./read-service";
import { SOURCE_GROUPS_FILE } from "./read-source-groups";
import { SCHEMAS_FOLDER } from "./read-tables";
import { servicesOfFiles } from "./service-files";
import { readTextFile } from "./text-file";
import { parseYaml } from "./yaml-document";

/** What a configuration has names for. */
export type NameKind =
  | "services"
  | "tables"
  | "source-tables"
  | "sink-tables"
  | "table-names"
  | "sinks"
  | "environments"
  | "customers"
  | "source-groups"
  | "sink-groups"
  | "column-templates"
  | "tasks";

/** Kinds whose names are in the folder of YAML: tasks have a file of their own. */
type FolderKind = Exclude<NameKind, "tasks">;

type Mapping = Readonly<Record<string, unknown>>;

/**
 * Names of one kind in a folder of YAML, sorted, for a shell to complete. Nothing is checked and nothing is refused:
 * what can't be read has no names. Never throws.
 * @param service only names of this service, where they belong to services
 */
export function configuredNames(directory: string, kind: FolderKind, service?: string): string[] {
  const services = servicesOfFiles(filesIn(join(directory, SERVICES_FOLDER))).filter(
    (name) => service === undefined || name === service,
  );
  return [...new Set(NAMES[kind](directory, services))].sort();
}

const NAMES: Readonly<Record<FolderKind, (directory: string, services: readonly string[]) => readonly string[]>> = {
  services: (_directory, services) => services,
  "source-tables": (directory, services) => services.flatMap((name) => sourceTables(serviceOf(directory, name))),
  "sink-tables": (directory, services) => services.flatMap((name) => sinkTables(serviceOf(directory, name))),
  "table-names": (directory, services) =>
    services.flatMap((name) =>
      sinkTables(serviceOf(directory, name)).map((key) => key.slice(key.lastIndexOf(".") + 1)),
    ),
  tables: (directory, services) => services.flatMap((name) => tables(directory, name)),
  sinks: (directory, services) => services.flatMap((name) => Object.keys(mapping(serviceOf(directory, name)["sinks"]))),
  environments,
  customers: (directory) => sources(directory).map(([name]) => name),
  "source-groups": (directory) => Object.keys(read(directory, SOURCE_GROUPS_FILE)),
  "sink-groups": (directory) => Object.keys(read(directory, "sink-groups.yaml")),
  "column-templates": (directory) =>
    [`${SCHEMAS_FOLDER}/column-templates.yaml`, "column-templates.yaml"].flatMap((file) =>
      Object.keys(mapping(read(directory, file)["templates"])),
    ),
};

function sourceTables(service: Mapping): string[] {
  return Object.keys(mapping(mapping(service["source"])["tables"]));
}

/** Keys as they are written, such as `{{SCHEMA}}.Actor`. */
function sinkTables(service: Mapping): string[] {
  return sinksOf(service).flatMap((sink) => Object.keys(mapping(sink["tables"])));
}

/** Source tables, and sink tables in every schema that they will be in. */
function tables(directory: string, name: string): string[] {
  const service = serviceOf(directory, name);
  const group = groupOf(directory, service);
  const schemas = group["pattern"] === "db-shared" ? [name] : Object.keys(mapping(group["sources"]));
  const placed = sinkTables(service).flatMap((key) => {
    const table = key.replace(/^\{\{\s*SCHEMA\s*\}\}\./, "");
    return table === key && key.includes(".") ? [key] : schemas.map((schema) => `${schema}.${table}`);
  });
  return [...sourceTables(service), ...placed];
}

/** Those that databases are named for, at either end. */
function environments(directory: string, services: readonly string[]): string[] {
  const sinks = services.flatMap((name) => sinksOf(serviceOf(directory, name)));
  const ofSinks = sinks.flatMap((sink) => Object.keys(mapping(sink["databases"])));
  const ofSources = sources(directory).flatMap(([, source]) =>
    Object.entries(source).flatMap(([name, value]) => ("database" in mapping(value) ? [name] : [])),
  );
  return [...ofSinks, ...ofSources];
}

function sources(directory: string): [string, Mapping][] {
  const groups = Object.values(read(directory, SOURCE_GROUPS_FILE));
  return groups.flatMap((group) =>
    Object.entries(mapping(mapping(group)["sources"])).map(([name, source]): [string, Mapping] => [
      name,
      mapping(source),
    ]),
  );
}

function groupOf(directory: string, service: Mapping): Mapping {
  const groups = read(directory, SOURCE_GROUPS_FILE);
  const named = service["server_group"];
  return mapping(typeof named === "string" ? groups[named] : Object.values(groups)[0]);
}

function sinksOf(service: Mapping): Mapping[] {
  return Object.values(mapping(service["sinks"])).map(mapping);
}

/** A service's part of its file, in the newer and in the older form. */
function serviceOf(directory: string, name: string): Mapping {
  const file = read(directory, `${SERVICES_FOLDER}/${name}.yaml`);
  return typeof file["service"] === "string" ? file : mapping(Object.values(file)[0]);
}

function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function read(directory: string, file: string): Mapping {
  const content = readTextFile(join(directory, file));
  return content !== undefined && "text" in content ? mapping(parseYaml(file, content.text).value) : {};
}

function mapping(value: unknown): Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Mapping) : {};
}
