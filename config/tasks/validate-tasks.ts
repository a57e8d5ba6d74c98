import type { ConfigProblem } from "../config-error";
import type { Environment } from "../variables";
import { providerConfigProblems, type ProviderSchema } from "./provider-schema";
import { fileProblems, readTaskWithProblems } from "./read-task";
import { taskNames, type OpenedTaskFile } from "./task-document";
import type { ProviderUse } from "./task-file";

/** What validating a file of tasks says. */
export interface TaskValidation {
  readonly tasks: readonly string[];
  readonly problems: readonly ConfigProblem[];
  /** Variables that aren't set: only who uses the task needs them. */
  readonly warnings: readonly ConfigProblem[];
}

/** Looks at every task of a file. A provider whose schema isn't known is taken as it is. */
export function validateTasks(
  opened: OpenedTaskFile,
  env: Environment,
  schemaOf: (use: ProviderUse) => ProviderSchema | undefined,
): TaskValidation {
  const tasks = taskNames(opened);
  const results = tasks.map((name) => validateTask(opened, name, env, schemaOf));
  return {
    tasks,
    problems: [...fileProblems(opened), ...results.flatMap(({ problems }) => problems)],
    warnings: results.flatMap(({ warnings }) => warnings),
  };
}

function validateTask(
  opened: OpenedTaskFile,
  name: string,
  env: Environment,
  schemaOf: (use: ProviderUse) => ProviderSchema | undefined,
): Omit<TaskValidation, "tasks"> {
  const { task, problems } = readTaskWithProblems(opened, name, env);
  const unset = problems.missing.map(({ path }) => path);
  const ofProviders = (["input", "output"] as const).flatMap((role) => {
    const schema = task === undefined ? undefined : schemaOf(task[role]);
    return task === undefined || schema === undefined ? [] : providerConfigProblems(opened, task, role, schema, unset);
  });
  return { problems: [...problems.found, ...ofProviders], warnings: problems.unset() };
}
