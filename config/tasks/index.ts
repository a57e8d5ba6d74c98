export { findTaskFile, nearestTaskFiles, TASK_FILES } from "./find-task-file";
export { providerConfigProblems, type ProviderSchema } from "./provider-schema";
export { readTask } from "./read-task";
export { openTaskFile, taskNames, type OpenedTaskFile } from "./task-document";
export type { LeaseSettings, ProviderSource, ProviderUse, RelaySettings, Task } from "./task-file";
export { validateTasks, type TaskValidation } from "./validate-tasks";
