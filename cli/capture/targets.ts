import { loadPipelineModels } from "../../config";
import type { SettingsSources } from "../../databases/postgres/settings";
import type { MsSqlConfig } from "../../databases/sqlserver/config";
import { CdcError } from "../../lib/errors";
import { mergeCaptures } from "../../model/merge-captures";
import { nearestWord } from "../../model/nearest-word";
import type { CapturedDatabase, CapturedTable } from "../../model/source-capture";
import type { Context } from "../context";
import { findProject, stackNames } from "../project";
import { configDirectory, settingsOfStack } from "../project-settings";

/** Options of every command on the capture at the sources. */
export interface CaptureFlags {
  readonly env?: string;
  /** A table's name, or `schema.table`. */
  readonly table?: string;
  /** Customer, or service in db-shared. */
  readonly source?: string;
  readonly tenant?: string;
  readonly dryRun?: boolean;
}

/** One source database that is meant, with the tables that are. */
export interface CaptureTarget extends CapturedDatabase {
  /** `<server>/<database>`. */
  readonly source: string;
  readonly config: MsSqlConfig;
}

/** What a command is about, and how its sinks are reached. */
export interface CaptureTargets {
  readonly environment: string;
  readonly targets: readonly CaptureTarget[];
  readonly sinkSettings: SettingsSources;
}

/**
 * The source databases that the configuration captures in an environment, narrowed by the options.
 * Throws CdcConfigError, and CdcError (CDC_NOTHING_MEANT, CDC_NO_SOURCES) when nothing is left.
 */
export async function captureTargets(context: Context, flags: CaptureFlags): Promise<CaptureTargets> {
  const chosen = settingsOfStack(context, context.options.stack);
  const environment = flags.env ?? chosen.environment;
  const { service, strict, applicationRole } = chosen;
  const models = loadPipelineModels(configDirectory(context, chosen), {
    environment,
    strict,
    applicationRole,
    ...(service === undefined ? {} : { service }),
    leaveOutSinks: true,
    env: context.io.env,
  });
  const all = mergeCaptures(models.flatMap(({ capture }) => capture));
  if (all.length === 0) throw noSources(environment);
  const meant = narrowed(all, flags);
  const stack = stackOf(context, environment, chosen.environment);
  const { sourceSettingsOf } = await import("../source-connections");
  const { deployedSourceConfig, sourceConnectionName } = await import("../../databases/sqlserver/source-connection");
  const own = { ...context, options: { ...context.options, stack: stack ?? "" } };
  const settings = await sourceSettingsOf(own);
  const targets = meant.map((database) => {
    const connection = sourceConnectionName(database);
    const config = deployedSourceConfig({ ...database, connection }, settings);
    return { ...database, source: `${database.server}/${database.database}`, config };
  });
  return { environment, targets, sinkSettings: await sinkSettings(context, stack) };
}

/** The stack whose settings count for an environment: the chosen one, else the one of that name. */
function stackOf(context: Context, environment: string, chosen: string): string | undefined {
  if (environment === chosen) return context.options.stack;
  const project = findProject(context.directory);
  return project !== undefined && stackNames(project).includes(environment) ? environment : undefined;
}

async function sinkSettings(context: Context, stack: string | undefined): Promise<SettingsSources> {
  const project = findProject(context.directory);
  if (project === undefined || stack === undefined || !stackNames(project).includes(stack))
    return { env: context.io.env };
  const { settingsOf } = await import("../sink-connections");
  return settingsOf(project, stack, context.io.env);
}

function narrowed(all: readonly CapturedDatabase[], flags: CaptureFlags): CapturedDatabase[] {
  const source = flags.source ?? flags.tenant;
  const tenants = all.flatMap((database) => database.tenants);
  if (source !== undefined && !tenants.includes(source)) throw nothingMeant("source", source, tenants);
  const isMeant = ({ schema, table }: CapturedTable): boolean =>
    flags.table === undefined || flags.table === table || flags.table === `${schema}.${table}`;
  const meant = all
    .filter((database) => source === undefined || database.tenants.includes(source))
    .map((database) => ({ ...database, tables: database.tables.filter(isMeant) }))
    .filter(({ tables }) => tables.length > 0);
  if (meant.length > 0) return meant;
  const names = all.flatMap(({ tables }) => tables.map(({ schema, table }) => `${schema}.${table}`));
  throw nothingMeant("captured table", flags.table ?? "", names);
}

function nothingMeant(what: string, wanted: string, known: readonly string[]): CdcError {
  const bare = known.map((name) => name.slice(name.indexOf(".") + 1));
  const near = nearestWord(wanted, known) ?? nearestWord(wanted, bare);
  const hint = near === undefined ? `There are: ${[...new Set(known)].join(", ")}.` : `Did you mean ${near}?`;
  return new CdcError("CDC_NOTHING_MEANT", `there is no ${what} ${wanted}`, { hint });
}

function noSources(environment: string): CdcError {
  const hint = "Name the server of each source in source-groups.yaml, and declare it under servers:.";
  return new CdcError("CDC_NO_SOURCES", `nothing is captured in environment ${environment}`, { hint });
}
