import { join, resolve } from "node:path";
import { expandVariables } from "../config/variables";
import type { PgConfig } from "../databases/postgres/config";
import { environmentPrefix, sinkPgConfig, type SettingsSources } from "../databases/postgres/settings";
import { CdcError } from "../lib/errors";
import { readFolder, sinkFolders, type MigrationFolder } from "../migrations/folder";
import type { Context } from "./context";
import { findProject, stackNames } from "./project";
import { configDirectory, settingsOfStack } from "./project-settings";

/** Options of every command that looks at generated files and their databases. */
export interface TargetFlags {
  readonly env?: string;
  readonly sink?: string;
  readonly migrationsDir?: string;
}

/** A sink's folder, and the environment that is meant. */
export interface MigrationTarget {
  readonly folder: MigrationFolder;
  readonly environment: string;
}

/** The folders that are meant. Throws CdcError when there are none, or one has no database in the environment. */
export function migrationTargets(context: Context, flags: TargetFlags): readonly MigrationTarget[] {
  const settings = settingsOfStack(context, context.options.stack);
  const { migrationsDir } = flags;
  const directory =
    migrationsDir === undefined
      ? join(configDirectory(context, settings), "migrations")
      : resolve(context.directory, migrationsDir);
  const environment = flags.env ?? settings.environment;
  const all = sinkFolders(directory).map((name) => readFolder(join(directory, name)));
  if (all.length === 0) readFolder(directory);
  const folders = all.filter(({ manifest }) => flags.sink === undefined || manifest.sink.name === flags.sink);
  if (folders.length === 0) throw noSink(flags.sink ?? "", directory, all);
  const meant = folders.filter(({ manifest }) => Object.hasOwn(manifest.databases, environment));
  if (meant.length === 0) throw noEnvironment(environment, folders);
  return meant.map((folder) => ({ folder, environment }));
}

/** How to reach a target's database. Throws CdcError naming the setting or variable that is missing. */
export async function targetConfig(context: Context, { folder, environment }: MigrationTarget): Promise<PgConfig> {
  const { manifest } = folder;
  const written = manifest.databases[environment] ?? "";
  const { value, missing } = expandVariables(written, context.io.env);
  const [variable] = missing;
  if (variable !== undefined) {
    const message = `the database of sink ${manifest.sink.name} in environment ${environment} is ${written}, and ${variable.name} is not set`;
    throw new CdcError("CDC_VARIABLE_MISSING", message, { hint: `Set the environment variable ${variable.name}.` });
  }
  const connection = { environment, sink: manifest.sink.name };
  return sinkPgConfig(connection, String(value), await sourcesOf(context, environment));
}

/** The environment's own variables; where they name no host, the settings of the stack of that name. */
async function sourcesOf(context: Context, environment: string): Promise<SettingsSources> {
  const { env } = context.io;
  const host = env[`${environmentPrefix(environment)}_HOST`];
  const project = findProject(context.directory);
  const own = host !== undefined && host !== "";
  if (own || project === undefined || !stackNames(project).includes(environment)) return { env };
  const { settingsOf } = await import("./sink-connections");
  return settingsOf(project, environment, env);
}

function noSink(sink: string, directory: string, known: readonly MigrationFolder[]): CdcError {
  const hint = `There are: ${known.map(({ manifest }) => manifest.sink.name).join(", ")}.`;
  return new CdcError("CDC_NO_MIGRATIONS", `no migrations of sink ${sink} in ${directory}`, { hint });
}

function noEnvironment(environment: string, folders: readonly MigrationFolder[]): CdcError {
  const known = [...new Set(folders.flatMap(({ manifest }) => Object.keys(manifest.databases)))].sort();
  return new CdcError("CDC_NO_ENVIRONMENT", `no sink has a database in environment ${environment}`, {
    hint: `Choose one with --env: ${known.join(", ")}.`,
  });
}
