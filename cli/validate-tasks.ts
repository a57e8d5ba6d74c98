import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { CdcConfigError, formatProblem, type ConfigProblem } from "../config";
import type { ProviderUse, SchemaOf } from "../config/tasks";
import type { Context } from "./context";

type Told = ConfigProblem & { readonly message: string };

/** A file of tasks, as `cdc validate` finds it. */
export interface CheckedTasks {
  /** Absolute. */
  readonly file: string;
  readonly tasks: readonly string[];
  readonly problems: readonly Told[];
  /** Variables that aren't set. */
  readonly warnings: readonly Told[];
}

/**
 * Checks files of tasks: the given one, else those in the folder, or in the nearest one above it. Images aren't asked
 * for: what is not on this machine is taken as it is.
 */
export async function checkTasks(context: Context, folder: string, given?: string): Promise<CheckedTasks[]> {
  const { nearestTaskFiles } = await import("../config/tasks");
  const files = given === undefined ? nearestTaskFiles(folder) : [resolve(context.directory, given)];
  return Promise.all(files.map((file) => checkFile(context, file)));
}

/** Whether a folder has YAML of services, besides its tasks. */
export function hasServices(directory: string): boolean {
  return ["source-groups.yaml", "services"].some((name) => existsSync(join(directory, name)));
}

async function checkFile(context: Context, file: string): Promise<CheckedTasks> {
  const { openTaskFile, validateTasks } = await import("../config/tasks");
  try {
    const schemaOf: SchemaOf = (use) => schemaOfProvider(context, file, use);
    const { tasks, problems, warnings } = await validateTasks(await openTaskFile(file), context.io.env, schemaOf);
    return { file, tasks, problems: problems.map(told), warnings: warnings.map(told) };
  } catch (error) {
    if (!(error instanceof CdcConfigError)) throw error;
    return { file, tasks: [], problems: error.problems.map(told), warnings: [] };
  }
}

async function schemaOfProvider(context: Context, file: string, { source }: ProviderUse) {
  if (source.kind === "image") return undefined;
  const { findProvider } = await import("../tasks/provider-command");
  return (await findProvider(source, { directory: dirname(file), env: context.io.env })).schema;
}

function told(problem: ConfigProblem): Told {
  return { ...problem, message: formatProblem(problem) };
}
