import { resolve } from "node:path";
import { stackSettings, type StackSettings } from "../config";
import { loadEveryEnvironment, type ServiceModels } from "../config/environments";
import { readProject } from "../engine/builtin/project";
import { readStackFile } from "../engine/builtin/stack-config";
import type { Context } from "./context";
import { findProject, stackNames } from "./project";

/** Options that every verb on migration files takes. */
export interface MigrationFlags {
  readonly service?: string;
  readonly sink?: string;
  readonly table?: string;
  readonly migrationsDir?: string;
}

/** Where the configuration and the files made from it are. Absolute. */
export interface MigrationFolders {
  /** Folder of source-groups.yaml. */
  readonly configuration: string;
  /** Folder that holds a folder per sink. */
  readonly migrations: string;
  readonly definitions: string;
}

/** The folders, from the stack's settings and the flags. */
export function migrationFolders(context: Context, flags: Pick<MigrationFlags, "migrationsDir">): MigrationFolders {
  const base = findProject(context.directory) ?? context.directory;
  const configuration = resolve(base, settingsOf(context).directory);
  const { migrationsDir } = flags;
  return {
    configuration,
    migrations:
      migrationsDir === undefined ? resolve(configuration, "migrations") : resolve(context.directory, migrationsDir),
    definitions: resolve(configuration, "generated/table-definitions"),
  };
}

/** The services in all their environments. Throws CdcConfigError with every problem of the configuration. */
export function everyEnvironment(context: Context, flags: Pick<MigrationFlags, "service">): ServiceModels[] {
  const { applicationRole, strict, service } = settingsOf(context);
  const chosen = flags.service ?? service;
  const { configuration } = migrationFolders(context, {});
  const options = { applicationRole, strict, env: context.io.env };
  return loadEveryEnvironment(configuration, chosen === undefined ? options : { ...options, service: chosen });
}

/** The stack's settings where it has a file; files for all environments need no stack. */
function settingsOf(context: Context): StackSettings {
  const { stack } = context.options;
  const { env } = context.io;
  const project = findProject(context.directory);
  if (project === undefined || !stackNames(project).includes(stack)) return stackSettings(() => undefined, env, stack);
  const { config } = readStackFile(readProject(project), stack);
  return stackSettings((key) => textOf(config[`cdc:${key}`]), env, stack);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "boolean" || typeof value === "number"
    ? String(value)
    : undefined;
}
