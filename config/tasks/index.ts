export { findTaskFile, nearestTaskFiles, TASK_FILES } from "./find-task-file";
export { providerConfigProblems, type ProviderSchema } from "./provider-schema";
export { readTask } from "./read-task";
export { summariesOf, type TaskSummary } from "./list-tasks";
export { openTaskFile, taskNames, type OpenedTaskFile } from "./task-document";
export type { LeaseSettings, ProviderUse, RelaySettings, Task } from "./task-file";
export { validateTasks, type SchemaOf, type TaskValidation } from "./validate-tasks";
