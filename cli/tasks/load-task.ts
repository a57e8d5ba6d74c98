import type { Command } from "commander";
import { dirname, join } from "node:path";
import { CdcConfigError } from "../../config";
import type { OpenedTaskFile, Task } from "../../config/tasks";
import { pathPart } from "../../lib/path-part";
import type { ProviderRole } from "../../model/built-in-providers";
import type { FoundProvider } from "../../tasks/provider-command";
import type { Context } from "../context";

/** Options of every command that takes a task. */
export interface TaskFlags {
  /** File of tasks. */
  readonly config?: string;
  /** Take what the tag of an image stands for now. */
  readonly pullImages?: boolean;
}

/** A task, and the providers that it names, found on this machine. */
export interface LoadedTask {
  readonly task: Task;
  readonly input: FoundProvider;
  readonly output: FoundProvider;
  /** Where what belongs to the task is kept: `<folder of the file>/.cdc/tasks/<task>`. */
  readonly directory: string;
}

/** Adds `-c`, which says where the tasks are. */
export function taskFileOption(command: Command): Command {
  return command.option("-c, --config <file>", "file of tasks; default: tasks.yaml or dstream.hcl, here or above");
}

/** The file of tasks that the options name, or the nearest one. */
export async function openTasks(context: Context, { config }: TaskFlags): Promise<OpenedTaskFile> {
  const { findTaskFile, openTaskFile } = await import("../../config/tasks");
  return openTaskFile(findTaskFile(context.directory, config));
}

/** Where what belongs to a task is kept. */
export function taskDirectory(file: string, task: string): string {
  return join(dirname(file), ".cdc", "tasks", pathPart(task));
}

/**
 * Reads a task, finds its providers, and checks its configuration against their schemas: before anything is started.
 * Throws CdcError, and CdcConfigError with everything that is wrong.
 */
export async function loadTask(context: Context, name: string, flags: TaskFlags): Promise<LoadedTask> {
  const opened = await openTasks(context, flags);
  const { readTask } = await import("../../config/tasks");
  const task = readTask(opened, name, context.io.env);
  const find = (role: ProviderRole) => findProviderOf(context, task, role, flags);
  const providers = { input: await find("input"), output: await find("output") };
  await checkConfigs(opened, task, providers);
  return { task, ...providers, directory: taskDirectory(task.file, name) };
}

async function findProviderOf(context: Context, task: Task, role: ProviderRole, flags: TaskFlags) {
  const { findProvider } = await import("../../tasks/provider-command");
  const { env, signal } = context.io;
  return findProvider(task[role].source, {
    directory: dirname(task.file),
    env,
    signal,
    note: (line) => context.note(line),
    update: flags.pullImages,
  });
}

async function checkConfigs(
  opened: OpenedTaskFile,
  task: Task,
  providers: Pick<LoadedTask, "input" | "output">,
): Promise<void> {
  const { providerConfigProblems } = await import("../../config/tasks");
  const problems = (["input", "output"] as const).flatMap((role) => {
    const { schema } = providers[role];
    return schema === undefined ? [] : providerConfigProblems(opened, task, role, schema);
  });
  if (problems.length > 0) throw new CdcConfigError(dirname(task.file), problems);
}
