import { buildPipeline } from "../model/build-pipeline";
import type { PipelineModel } from "../model/sink";
import { CdcConfigError, type ConfigProblem } from "./config-error";
import { ConfigFolder } from "./config-folder";
import { readConfig, serviceNames, type LoadOptions } from "./load-config";
import { readServiceFile, type WrittenService } from "./read-service";
import { chooseGroup, readSourceGroups } from "./read-source-groups";
import { writtenDatabases } from "./sink-databases";

/** One service in every environment that it has sinks and sources for. */
export interface ServiceModels {
  readonly service: string;
  /** One per environment, in the order of the sinks' databases; never empty. */
  readonly models: readonly PipelineModel[];
  /** Database by sink and environment, as written: a `${VAR:-default}` is not resolved. */
  readonly databases: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What is loaded: like {@link LoadOptions}, for all environments. */
export interface EveryEnvironmentOptions extends Omit<LoadOptions, "environment"> {
  /** Application roles by environment, where the stacks of these environments name one. */
  readonly applicationRoles?: Readonly<Record<string, string>>;
}

/**
 * The services of a folder (or the one of the options) in all their environments. Throws CdcConfigError with the
 * problems of all of them.
 */
export function loadEveryEnvironment(directory: string, options: EveryEnvironmentOptions): ServiceModels[] {
  const names = options.service === undefined ? serviceNames(directory) : [options.service];
  const problems: ConfigProblem[] = [];
  const chosen = names.length === 0 ? [undefined] : names;
  const loaded = chosen.flatMap((service) => loadService(directory, options, service, problems));
  const distinct = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  if (distinct.size > 0) throw new CdcConfigError(directory, [...distinct.values()]);
  return loaded;
}

function loadService(
  directory: string,
  options: EveryEnvironmentOptions,
  service: string | undefined,
  problems: ConfigProblem[],
): ServiceModels[] {
  const folder = new ConfigFolder(directory, options.env);
  const databases = service === undefined ? {} : databasesOf(folder, service);
  const environments = [...new Set(Object.values(databases).flatMap((one) => Object.keys(one)))];
  // Without any, the problems of the default one say what is missing.
  const wanted = environments.length === 0 ? [undefined] : environments;
  const models = wanted.flatMap((environment) => {
    const own = service === undefined ? {} : { service };
    return modelOf(folder, {
      ...options,
      ...own,
      ...(environment === undefined ? {} : inEnvironment(environment, options)),
    });
  });
  problems.push(...folder.problems);
  return service === undefined ? [] : [{ service, models, databases }];
}

function inEnvironment(environment: string, { applicationRoles = {} }: EveryEnvironmentOptions) {
  const role = Object.hasOwn(applicationRoles, environment) ? applicationRoles[environment] : undefined;
  return { environment, leaveOutSinks: true, ...(role === undefined ? {} : { applicationRole: role }) };
}

/** The model of one environment, or none: then the folder knows why. */
function modelOf(folder: ConfigFolder, options: LoadOptions): PipelineModel[] {
  const config = readConfig(folder, options);
  if (config === undefined) return [];
  const { model, problems } = buildPipeline(config);
  for (const problem of problems) folder.report(problem);
  return [model];
}

/** By sink: its environments, as far as the service has sources there. */
function databasesOf(folder: ConfigFolder, name: string): ServiceModels["databases"] {
  const groups = readSourceGroups(folder);
  const file = readServiceFile(folder, name);
  if (groups === undefined || file === undefined) return {};
  const group = chooseGroup(folder, groups, file.written.server_group, file.at);
  if (group === undefined) return {};
  const own = group.pattern === "db-shared" ? group.sources.filter((source) => source.name === name) : group.sources;
  const environments = [...new Set(own.flatMap((source) => Object.keys(source.environments)))];
  const sinks = Object.entries(writtenService(folder, file.at.file).sinks ?? {});
  return Object.fromEntries(
    sinks.map(([sink, written]) => [sink, writtenDatabases(folder, sink, written, environments)]),
  );
}

/** The service file with its variables. */
function writtenService(folder: ConfigFolder, file: string): WrittenService {
  const content = folder.written(file) as Readonly<Record<string, unknown>>;
  return (typeof content["service"] === "string" ? content : Object.values(content)[0]) as WrittenService;
}
