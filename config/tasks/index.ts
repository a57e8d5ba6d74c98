export { findTaskFile, nearestTaskFiles } from "./find-task-file";
export { providerConfigProblems } from "./provider-schema";
export { readTask } from "./read-task";
export { summariesOf, type TaskSummary } from "./list-tasks";
export { openTaskFile, taskNames, type OpenedTaskFile } from "./open-task-file";
export type { ProviderUse, Task } from "./task-file";
export { validateTasks, type SchemaOf } from "./validate-tasks";
