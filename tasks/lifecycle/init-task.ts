import { reportOf, type LifecycleReport } from "./report";
import { performSteps, type LifecycleListeners } from "./steps";
import type { LifecycleTask } from "./task-side";
import { TaskStack } from "./task-stack";

/**
 * Makes the infrastructure of a task what its file says; once it is, this changes nothing. Ends in a report, also when
 * a part has failed. Throws CdcError for what is wrong before anything is begun.
 */
export function initTask(task: LifecycleTask, listeners: LifecycleListeners): Promise<LifecycleReport> {
  return specifiedSteps(task, "init", listeners);
}

/** Says what {@link initTask} would do, with what was changed by hand since. Changes nothing. */
export function planTask(task: LifecycleTask, listeners: LifecycleListeners): Promise<LifecycleReport> {
  return specifiedSteps(task, "plan", listeners);
}

async function specifiedSteps(
  task: LifecycleTask,
  command: "init" | "plan",
  listeners: LifecycleListeners,
): Promise<LifecycleReport> {
  const stack = await TaskStack.open(task);
  await stack?.specify();
  return reportOf(task.name, command, await performSteps(task, stack, command, listeners));
}
