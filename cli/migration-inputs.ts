import { resolve } from "node:path";
import { loadEveryEnvironment, type ServiceModels } from "../config/environments";
import type { Context } from "./context";
import { configDirectory, settingsOfFolder } from "./project-settings";

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

/** The configuration in all environments, with the folders of its files. */
export interface MigrationInputs extends MigrationFolders {
  readonly services: readonly ServiceModels[];
  /** Whether every service of the configuration is among them. */
  readonly everyService: boolean;
}

/** The folders, from the settings of any stack that deploys this configuration. */
export function migrationFolders(context: Context, { migrationsDir }: MigrationFlags): MigrationFolders {
  const configuration = configDirectory(context, anyStack(context));
  const migrations =
    migrationsDir === undefined ? resolve(configuration, "migrations") : resolve(context.directory, migrationsDir);
  return { configuration, migrations, definitions: resolve(configuration, "generated/table-definitions") };
}

/** The services in all their environments. Throws CdcConfigError with every problem of the configuration. */
export function migrationInputs(context: Context, flags: MigrationFlags): MigrationInputs {
  const folders = migrationFolders(context, flags);
  const stacks = settingsOfFolder(context);
  const [{ applicationRole, strict }] = stacks;
  // A stack may name the role of its environment, which files must name as well.
  const applicationRoles = Object.fromEntries(stacks.map((stack) => [stack.environment, stack.applicationRole]));
  const { service } = flags;
  const own = service === undefined ? {} : { service };
  const options = { applicationRole, applicationRoles, strict, env: context.io.env, ...own };
  const services = loadEveryEnvironment(folders.configuration, options);
  return { ...folders, services, everyService: service === undefined };
}

/** Files serve all environments, so they ask no stack for its service or environment. */
function anyStack(context: Context) {
  return settingsOfFolder(context)[0];
}
