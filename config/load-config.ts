import { statSync } from "node:fs";
import type { Config, ServiceConfig } from "../model/config";
import { didYouMean } from "../model/findings";
import { nearestWord } from "../model/nearest-word";
import { CdcConfigError } from "./config-error";
import { ConfigFolder, type EditedFiles } from "./config-folder";
import { readMapping } from "./read-mapping";
import { readServiceFile, readSinks, readSourceTables, SERVICES_FOLDER, type ServiceFile } from "./read-service";
import { chooseGroup, readSourceGroups } from "./read-source-groups";
import { transformReader } from "./read-transforms";
import { readTemplates } from "./read-templates";
import { servicesOfFiles } from "./service-files";
import { sinkDatabaseFinder } from "./sink-databases";
import type { Environment } from "./variables";

/** What is loaded of a folder of YAML. */
export interface LoadOptions {
  /** Environment whose databases are meant; default `dev`. */
  readonly environment?: string;
  /** Service to load; needed only when there are several. */
  readonly service?: string;
  /** Warnings of the pattern's rules count as errors. */
  readonly strict?: boolean;
  /** Role that loads and merges, for sinks that name none; default CDC_DB_USER, else postgres. */
  readonly applicationRole?: string;
  /** Sinks without a database in the environment are left out; else they are a problem. */
  readonly leaveOutSinks?: boolean;
  /** Variables for `${VAR}` and CDC_DB_USER; the process's own are passed in by the caller. */
  readonly env: Environment;
  /** Files as they would be after an edit, instead of those on disk. */
  readonly edited?: EditedFiles;
}

export const DEFAULT_ENVIRONMENT = "dev";
const DEFAULT_ROLE = "postgres";

/** The configuration of one service. Throws CdcConfigError with all problems at once. */
export function loadConfig(directory: string, options: LoadOptions): Config {
  const folder = new ConfigFolder(directory, options.env, options.edited);
  const config = readConfig(folder, options);
  if (config === undefined || folder.problems.length > 0) throw new CdcConfigError(directory, folder.problems);
  return config;
}

/** The same, with the problems left in the folder; undefined when too little is there to go on. */
export function readConfig(folder: ConfigFolder, options: LoadOptions): Config | undefined {
  const { environment = DEFAULT_ENVIRONMENT, strict = false } = options;
  if (!isFolder(folder)) return undefined;
  const groups = readSourceGroups(folder);
  const service = chooseService(folder, options.service);
  const transformOf = transformReader(folder);
  const known = folder.problems.length;
  const templates = readTemplates(folder);
  const templatesRead = folder.problems.length === known;
  if (service === undefined) return undefined;
  const applicationRole = options.applicationRole ?? named(options.env["CDC_DB_USER"]) ?? DEFAULT_ROLE;
  const sinks = readSinks(folder, service, {
    databaseOf: sinkDatabaseFinder(folder, environment, options.leaveOutSinks),
    applicationRole,
    transformOf,
  });
  const { sourceTables, unread } = readSourceTables(folder, service);
  const group =
    groups === undefined ? undefined : chooseGroup(folder, groups, service.written.server_group, service.at);
  if (group === undefined) return undefined;
  const mapping = readMapping(folder, group.name, service.name);
  const { name, at } = service;
  // Without its templates every use of one would be reported as well.
  if (!templatesRead) return undefined;
  const { snapshot } = service.written.source;
  const copied = snapshot === undefined ? {} : { snapshot };
  const own = { name, sourceTables, unread, ...copied, sinks, ...pipelinesOf(service), at };
  return { environment, strict, group, service: own, templates, mapping };
}

/** Services that have a file, sorted. */
export function serviceNames(directory: string, edited?: EditedFiles): string[] {
  return namesIn(new ConfigFolder(directory, {}, edited));
}

function pipelinesOf({ written }: ServiceFile): Pick<ServiceConfig, "pipelines"> {
  const { topic, consumer_group: consumerGroup } = written.pipelines ?? {};
  if (topic === undefined && consumerGroup === undefined) return {};
  return {
    pipelines: { ...(topic === undefined ? {} : { topic }), ...(consumerGroup === undefined ? {} : { consumerGroup }) },
  };
}

function isFolder(folder: ConfigFolder): boolean {
  const stats = statSync(folder.directory, { throwIfNoEntry: false });
  if (stats?.isDirectory() === true) return true;
  const text = stats === undefined ? "the folder does not exist" : "is not a folder";
  folder.problems.push({
    file: folder.directory,
    key: "",
    text,
    hint: "set cdc:directory to the folder that holds source-groups.yaml",
  });
  return false;
}

function chooseService(folder: ConfigFolder, wanted: string | undefined): ServiceFile | undefined {
  const names = namesIn(folder);
  const place = { file: SERVICES_FOLDER, key: "" };
  const name = wanted ?? (names.length === 1 ? names[0] : undefined);
  if (name === undefined) {
    const several = names.length > 1;
    const text = several ? `there are several services: ${names.join(", ")}` : "there is no services/<service>.yaml";
    folder.problems.push({
      ...place,
      text,
      hint: several ? "choose one with cdc:service or --service" : "write one; `cdc new` makes an example",
    });
    return undefined;
  }
  if (names.includes(name)) return readServiceFile(folder, name);
  const hint = didYouMean(
    nearestWord(name, names),
    names.length === 0 ? "write its file" : `there are ${names.join(", ")}`,
  );
  folder.problems.push({
    ...place,
    file: `${SERVICES_FOLDER}/${name}.yaml`,
    text: `there is no service ${name}`,
    hint,
  });
  return undefined;
}

function namesIn(folder: ConfigFolder): string[] {
  return servicesOfFiles(folder.list(SERVICES_FOLDER));
}

function named(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
