import { CdcError } from "../lib/errors";
import type { SourceGroup } from "../model/config";
import { nearestWord } from "../model/nearest-word";
import type { ServerAddress } from "../model/source-capture";
import { CdcConfigError } from "./config-error";
import { ConfigFolder } from "./config-folder";
import { readServiceFile, type ServiceFile } from "./read-service";
import { chooseGroup, readSourceGroups } from "./read-source-groups";
import type { Environment } from "./variables";

/** A server of source-groups.yaml, variables resolved; what needs a variable that isn't set is absent. */
export interface SourceServer extends Omit<ServerAddress, "passwordVariable"> {
  readonly password?: string;
}

/** A database that a service's rows come from. */
export interface SourcePlace {
  /** Customer or service in source-groups.yaml; the database's name where the service file names one itself. */
  readonly source: string;
  /** Key in `servers:`. */
  readonly server: string;
  readonly database: string;
}

/** Where inspection finds the tables of a service. */
export interface SourcePlaces {
  readonly environment: string;
  readonly servers: Readonly<Record<string, SourceServer>>;
  /** The one that is asked. */
  readonly reference: SourcePlace;
  /** All that have a database in the environment. */
  readonly all: readonly SourcePlace[];
}

/** Which service, and what the user chose of the rest. */
export interface PlaceOptions {
  readonly service: string;
  /** Strongest; else `validation_env` of the service or group, else {@link defaultEnvironment}. */
  readonly environment?: string;
  readonly defaultEnvironment: string;
  /** Customer or service whose database is asked, instead of the reference. */
  readonly source?: string;
  readonly env: Environment;
}

interface InspectedService {
  readonly reference?: string;
  readonly source?: { readonly validation_database?: string; readonly validation_env?: string };
}

interface InspectedGroup {
  readonly servers?: Readonly<Record<string, { readonly password?: string }>>;
  readonly database_ref?: string;
  readonly validation_env?: string;
}

/**
 * Where the source databases of a service are; its schema YAML need not exist yet.
 * @throws CdcConfigError for a file that is wrong, CdcError (CDC_INSPECT_SOURCE) when no database is the one to ask.
 */
export function sourcePlaces(directory: string, options: PlaceOptions): SourcePlaces {
  const folder = new ConfigFolder(directory, options.env);
  const groups = readSourceGroups(folder);
  const service = readServiceFile(folder, options.service);
  const group =
    groups === undefined || service === undefined
      ? undefined
      : chooseGroup(folder, groups, service.written.server_group, service.at);
  if (groups === undefined || service === undefined || group === undefined || folder.problems.length > 0)
    throw new CdcConfigError(directory, folder.problems);
  if (group.type === "postgres")
    throw noSource(
      `source group ${group.name} is of type postgres, and inspection reads SQL Server`,
      "Write the schema YAML of its tables by hand: docs/configuration-edits.md shows one.",
    );
  const written = groups[group.name] as InspectedGroup;
  const { source = {} } = service.written as InspectedService;
  const environment =
    options.environment ?? source.validation_env ?? written.validation_env ?? options.defaultEnvironment;
  const all = group.sources.flatMap(({ name, environments }) => {
    const { database, values = {} } = Object.hasOwn(environments, environment) ? (environments[environment] ?? {}) : {};
    const server = values["server"] ?? firstServer(written);
    return database === undefined ? [] : [{ source: name, server, database }];
  });
  const reference = referenceOf(all, service, written, options.source);
  if (reference === undefined)
    throw noReference(group, all, {
      ...options,
      environment,
      reference: (service.written as InspectedService).reference,
    });
  return { environment, servers: resolvedServers(group, written), reference, all };
}

/** What the user names, else what the files name, else the source of the service's name, else the only one. */
function referenceOf(
  all: readonly SourcePlace[],
  service: ServiceFile,
  group: InspectedGroup,
  wanted: string | undefined,
): SourcePlace | undefined {
  const named = (name: string) => all.find(({ source }) => source === name);
  const inDatabase = (database: string): SourcePlace => {
    const server = all[0]?.server ?? firstServer(group);
    return all.find((place) => place.database === database) ?? { source: database, server, database };
  };
  const { reference, source = {} } = service.written as InspectedService;
  if (wanted !== undefined) return named(wanted);
  if (source.validation_database !== undefined) return inDatabase(source.validation_database);
  if (reference !== undefined) return named(reference);
  const { database_ref: usual } = group;
  const ofGroup = usual === undefined ? undefined : (named(usual) ?? inDatabase(usual));
  return named(service.name) ?? ofGroup ?? (all.length === 1 ? all[0] : undefined);
}

/** The server of sources that name none. */
function firstServer({ servers = {} }: InspectedGroup): string {
  return Object.keys(servers)[0] ?? "default";
}

function resolvedServers(group: SourceGroup, { servers: written = {} }: InspectedGroup): Record<string, SourceServer> {
  const resolved = Object.entries(group.servers ?? {}).map(([name, { address }]) => {
    const { passwordVariable: _, ...known } = address;
    const { password = "" } = written[name] ?? {};
    return [name, password === "" || password.includes("${") ? known : { ...known, password }] as const;
  });
  return Object.fromEntries(resolved);
}

function noReference(
  group: SourceGroup,
  all: readonly SourcePlace[],
  asked: {
    readonly service: string;
    readonly environment: string;
    readonly source?: string;
    readonly reference: string | undefined;
  },
): CdcError {
  const { service, environment, source, reference } = asked;
  const names = all.map((place) => place.source);
  const there = `It has ${names.join(", ")}`;
  if (names.length === 0)
    return noSource(
      `no source of group ${group.name} has a database in environment ${environment}`,
      "Choose another with --env, or add its databases to source-groups.yaml.",
    );
  if (source === undefined && reference !== undefined)
    return noSource(
      `the reference ${reference} of service ${service} has no database in environment ${environment}`,
      `${there}: choose one with --source.`,
    );
  if (source === undefined)
    return noSource(
      `service ${service} does not say which source of group ${group.name} inspection reads in environment ${environment}`,
      `${there}: choose one with --source, or with reference: in the service's file.`,
    );
  const near = nearestWord(source, names);
  const hint = near === undefined ? `${there}.` : `Did you mean "${near}"?`;
  return noSource(`source group ${group.name} has no source ${source} in environment ${environment}`, hint);
}

function noSource(message: string, hint: string): CdcError {
  return new CdcError("CDC_INSPECT_SOURCE", message, { hint });
}
