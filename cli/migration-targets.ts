import { join, resolve } from "node:path";
import { expandVariables } from "../config/variables";
import type { PgConfig } from "../databases/postgres/config";
import { environmentPrefix, sinkPgConfig, type SettingsSources } from "../databases/postgres/settings";
import { CdcError } from "../lib/errors";
import { readFolder, sinkFolders, type MigrationFolder } from "../migrations/folder";
import type { TableEntry } from "../migrations/migration-set";
import type { Context } from "./context";
import { findProject, stackNames } from "./project";
import { configDirectory, settingsOfFolder } from "./project-settings";

/** Options of every command that looks at generated files and their databases. */
export interface TargetFlags {
  readonly env?: string;
  readonly sink?: string;
  readonly service?: string;
  /** A table's name, or `schema.table`. */
  readonly table?: string;
  readonly schema?: string;
  readonly migrationsDir?: string;
}

/** A sink's folder, and the environment that is meant. */
export interface MigrationTarget {
  readonly folder: MigrationFolder;
  readonly environment: string;
}

/** The folders that are meant. Throws CdcError when there are none, or one has no database in the environment. */
export function migrationTargets(context: Context, flags: TargetFlags): readonly MigrationTarget[] {
  const [settings] = settingsOfFolder(context);
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
  return meant.map((folder) => ({ folder: narrowed(folder, environment, flags), environment }));
}

/** The folder with only the tables and schemas that are meant. Throws CdcError when there are none. */
function narrowed(folder: MigrationFolder, environment: string, flags: TargetFlags): MigrationFolder {
  const { service, table, schema } = flags;
  if (service === undefined && table === undefined && schema === undefined) return folder;
  const { manifest } = folder;
  const isMeant = (entry: TableEntry): boolean =>
    (service === undefined || entry.service === service) &&
    (table === undefined || entry.table === table || `${entry.schema}.${entry.table}` === table);
  const tables = manifest.tables.filter(isMeant);
  const all = manifest.schemas[environment] ?? [];
  const schemas = all.filter(({ name }) => schema === undefined || name === schema);
  if (tables.length === 0 || schemas.length === 0) throw nothingMeant(manifest.sink.name, flags);
  return { ...folder, manifest: { ...manifest, tables, schemas: { ...manifest.schemas, [environment]: schemas } } };
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

function nothingMeant(sink: string, { service, table, schema }: TargetFlags): CdcError {
  const wanted = [service && `service ${service}`, table && `table ${table}`, schema && `schema ${schema}`];
  const words = wanted.filter((one) => one !== undefined && one !== "").join(", ");
  return new CdcError("CDC_NOTHING_MEANT", `the migrations of sink ${sink} have nothing for ${words}`, {
    hint: "Names are as manifest.yaml has them, in their case.",
  });
}

function noEnvironment(environment: string, folders: readonly MigrationFolder[]): CdcError {
  const known = [...new Set(folders.flatMap(({ manifest }) => Object.keys(manifest.databases)))].sort();
  return new CdcError("CDC_NO_ENVIRONMENT", `no sink has a database in environment ${environment}`, {
    hint: `Choose one with --env: ${known.join(", ")}.`,
  });
}
