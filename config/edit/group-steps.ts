import { parseTableName } from "../../model/table-name";
import type { EditedFolder } from "./edited-folder";
import { environmentsOf, groupsOf, type GroupText, type WrittenServer } from "./group-text";
import { refused, requireKnown, unknownName } from "./known-name";
import type { YamlMapping, YamlValue } from "./render";
import { addUnlessSame, filled, setOrAdd } from "./service-steps";
import { allServices, sinksOf, sinkTables } from "./service-text";
import type { YamlStep } from "./yaml-step";

/** One environment of a customer or service. */
export interface NewEnvironment {
  readonly server?: string;
  readonly database: string;
  /** Environment of the sink that it goes to, when that is another. */
  readonly targetSinkEnvironment?: string;
  /** Further values, such as `customer_id`. */
  readonly values?: Readonly<Record<string, string>>;
}

/** A new customer or service of a group. */
export interface NewSource {
  readonly schemas?: readonly string[];
  /** Values that hold in every environment, such as `customer_id`. */
  readonly values?: Readonly<Record<string, string>>;
  readonly environments: Readonly<Record<string, NewEnvironment>>;
}

/** Steps that add a source to a group. Throws CdcError (CDC_EDIT_EXISTS), and for a server that isn't there. */
export function addSource(group: GroupText, name: string, source: NewSource): YamlStep[] {
  const environments = Object.entries(source.environments).map(([key, one]) => [key, environmentValue(group, one)]);
  const value = { schemas: source.schemas, ...source.values, ...(Object.fromEntries(environments) as YamlMapping) };
  const what = `${name} of ${group.kind} group ${group.name}`;
  return addUnlessSame([group.name, "sources", name], group.written.sources ?? {}, name, filled(value) ?? {}, what);
}

/** Throws CdcError (CDC_EDIT_UNKNOWN) for a customer that the group hasn't. */
export function requireSource(group: GroupText, name: string): void {
  requireKnown(`${group.kind} group ${group.name} has no customer`, name, Object.keys(group.written.sources ?? {}));
}

/** Steps that take a source out of its group. */
export function removeSource(group: GroupText, name: string): YamlStep[] {
  return [{ op: "remove", path: [group.name, "sources", name], whenEmpty: group.kind === "sink" ? "prune" : "braces" }];
}

/** Steps that add an environment to a source, making the source when it isn't there. Throws CdcError (CDC_EDIT_EXISTS). */
export function addEnvironment(
  group: GroupText,
  source: string,
  name: string,
  environment: NewEnvironment,
): YamlStep[] {
  const known = environmentsOf(group.written.sources?.[source] ?? {});
  const what = `environment ${name} of ${source}`;
  return addUnlessSame([group.name, "sources", source, name], known, name, environmentValue(group, environment), what);
}

/** Steps that name the database of a source in an environment, whether it had one or not. */
export function setDatabase(group: GroupText, source: string, environment: string, made: NewEnvironment): YamlStep[] {
  const known = environmentsOf(group.written.sources?.[source] ?? {})[environment];
  if (known === undefined) return addEnvironment(group, source, environment, made);
  const path = [group.name, "sources", source, environment];
  const values = environmentValue(group, made);
  return Object.entries(values).flatMap(([key, value]) =>
    typeof value === "string" ? setOrAdd([...path, key], known[key], value) : [],
  );
}

/** Steps that take an environment off a source. Throws CdcError (CDC_EDIT_UNKNOWN). */
export function removeEnvironment(group: GroupText, source: string, name: string): YamlStep[] {
  const written = group.written.sources?.[source] ?? {};
  requireKnown(`${source} has no environment`, name, Object.keys(environmentsOf(written)));
  if (Object.keys(written).length === 1) return removeSource(group, source);
  return [{ op: "remove", path: [group.name, "sources", source, name], whenEmpty: "nothing" }];
}

/** Where a customer is named outside of its group. */
export function usesOfSource(folder: EditedFolder, name: string): string[] {
  return allServices(folder).flatMap((service) => [
    ...(service.written.reference === name ? [`${service.file}: reference: ${name}`] : []),
    ...Object.keys(sinksOf(service)).flatMap((sink) =>
      Object.keys(sinkTables(service, sink))
        .filter((key) => parseTableName(key).schema === name)
        .map((key) => `${service.file}: table ${key} of sink ${sink}`),
    ),
  ]);
}

/** Steps that add a server. Throws CdcError (CDC_EDIT_EXISTS; CDC_EDIT_VALUE for a password in clear). */
export function addServer(group: GroupText, name: string, server: WrittenServer): YamlStep[] {
  if (server.password !== undefined && !/^\$\{[A-Za-z_]\w*(?::-)?\}$/.test(server.password)) {
    throw refused(
      "the password of a server is never written into a file",
      "Give the variable that holds it, such as '${MSSQL_PASSWORD}', in single quotes for the shell.",
    );
  }
  const known = group.written.servers ?? {};
  const what = `server ${name} of ${group.kind} group ${group.name}`;
  const value = filled(server as Readonly<Record<string, YamlValue | undefined>>) ?? {};
  return addUnlessSame([group.name, "servers", name], known, name, value, what);
}

/** Steps that take a server away. */
export function removeServer(group: GroupText, name: string): YamlStep[] {
  return [{ op: "remove", path: [group.name, "servers", name], whenEmpty: "prune" }];
}

/** Environments of sources that are on a server. */
export function usesOfServer(group: GroupText, name: string): string[] {
  return Object.entries(group.written.sources ?? {}).flatMap(([source, written]) =>
    Object.entries(environmentsOf(written))
      .filter(([, { server }]) => server === name)
      .map(([environment]) => `${group.file}: ${source}, environment ${environment}`),
  );
}

/** Services whose sinks are named after a sink group and have no database of their own in some environment. */
export function usesOfSinkGroup(folder: EditedFolder, name: string): string[] {
  const services = groupsOf(folder, "sink")[name]?.sources ?? {};
  return allServices(folder).flatMap((service) =>
    Object.entries(sinksOf(service)).flatMap(([sink, { database, databases = {} }]) => {
      const [group = "", ...rest] = sink.split(".");
      if (group !== name || database !== undefined) return [];
      const environments = Object.keys(environmentsOf(services[rest.join(".") || group] ?? {}));
      const missing = environments.filter((environment) => !Object.hasOwn(databases, environment));
      return missing.length === 0
        ? []
        : [`${service.file}: sink ${sink} has its database of ${missing.join(", ")} from there`];
    }),
  );
}

/** What a new sink group says; empty parts are left out. */
export interface NewSinkGroup {
  readonly sourceGroup?: string;
  readonly pattern?: string;
  readonly type?: string;
  readonly description?: string;
}

/** Steps that add a sink group. Throws CdcError (CDC_EDIT_EXISTS). */
export function addSinkGroup(folder: EditedFolder, name: string, group: NewSinkGroup): YamlStep[] {
  const { sourceGroup, pattern, type, description } = group;
  if (sourceGroup !== undefined)
    requireKnown("there is no source group", sourceGroup, Object.keys(groupsOf(folder, "source")));
  const value = filled({ source_group: sourceGroup, pattern, type, description });
  return addUnlessSame([name], groupsOf(folder, "sink"), name, value ?? {}, `sink group ${name}`);
}

function environmentValue(group: GroupText, environment: NewEnvironment): YamlMapping {
  const { server, database, targetSinkEnvironment, values } = environment;
  const servers = Object.keys(group.written.servers ?? {});
  if (server !== undefined && !servers.includes(server))
    throw unknownName(`${group.kind} group ${group.name} has no server`, server, servers);
  return filled({ server, database, target_sink_env: targetSinkEnvironment, ...values }) ?? {};
}
