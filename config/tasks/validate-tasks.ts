import { CdcError } from "../../lib/errors";
import type { ProviderRole } from "../../model/built-in-providers";
import type { ConfigProblem } from "../config-error";
import type { Environment } from "../variables";
import { providerConfigProblems, type ProviderSchema } from "./provider-schema";
import { fileProblems, readTaskWithProblems } from "./read-task";
import { taskNames, type OpenedTaskFile } from "./open-task-file";
import type { ProviderUse, Task } from "./task-file";
import type { TaskProblems } from "./task-problems";

/** What validating a file of tasks says. */
export interface TaskValidation {
  readonly tasks: readonly string[];
  readonly problems: readonly ConfigProblem[];
  /** Variables that aren't set: only who uses the task needs them. */
  readonly warnings: readonly ConfigProblem[];
}

/** The schema of a provider's configuration, if it has one. Throws CdcError for a provider that isn't there. */
export type SchemaOf = (use: ProviderUse) => Promise<ProviderSchema | undefined>;

/** Looks at every task of a file. A provider whose schema isn't known is taken as it is. */
export async function validateTasks(
  opened: OpenedTaskFile,
  env: Environment,
  schemaOf: SchemaOf,
): Promise<TaskValidation> {
  const tasks = taskNames(opened);
  const results = await Promise.all(tasks.map((name) => validateTask(opened, name, env, schemaOf)));
  return {
    tasks,
    problems: [...fileProblems(opened), ...results.flatMap(({ problems }) => problems)],
    warnings: results.flatMap(({ warnings }) => warnings),
  };
}

async function validateTask(
  opened: OpenedTaskFile,
  name: string,
  env: Environment,
  schemaOf: SchemaOf,
): Promise<Omit<TaskValidation, "tasks">> {
  const { task, problems } = readTaskWithProblems(opened, name, env);
  const ofConfigs: ConfigProblem[] = [];
  for (const role of ["input", "output"] as const) {
    if (task !== undefined) ofConfigs.push(...(await configProblems(opened, task, role, problems, schemaOf)));
  }
  return { problems: [...problems.found, ...ofConfigs], warnings: problems.unset() };
}

async function configProblems(
  opened: OpenedTaskFile,
  task: Task,
  role: ProviderRole,
  problems: TaskProblems,
  schemaOf: SchemaOf,
): Promise<readonly ConfigProblem[]> {
  try {
    const schema = await schemaOf(task[role]);
    const unset = problems.missing.map(({ path }) => path);
    return schema === undefined ? [] : providerConfigProblems(opened, task, role, schema, unset);
  } catch (error) {
    if (!(error instanceof CdcError)) throw error;
    problems.report(["tasks", task.name, role], error.message, error.hint);
    return [];
  }
}
