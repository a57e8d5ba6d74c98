import { rm } from "node:fs/promises";
import { CdcError } from "../../lib/errors";
import { resourceNoun, resourceObject } from "../../model/resource-noun";
import type { DeployedTaskResource, Holding } from "./contribution";
import { reportOf, type LifecycleReport } from "./report";
import { isExternal, performSteps, type LifecycleListeners } from "./steps";
import type { LifecycleTask, TaskSide } from "./task-side";
import { TaskStack } from "./task-stack";
import { contextOf } from "./upstream";

/** A task that may be destroyed, looked at before anything goes. */
export interface Destruction {
  /** What goes, such as `queue Orders_cdc_events`. */
  readonly resources: readonly string[];
  /** External providers, which know themselves what they have made. */
  readonly providers: readonly string[];
  /** Does it. */
  perform(listeners: LifecycleListeners): Promise<LifecycleReport>;
}

/**
 * Looks at what destroying a task would take away.
 * Throws CdcError (CDC_TASK_NOT_EMPTY) when messages or rows would be lost, unless it is forced.
 */
export async function prepareDestroy(
  task: LifecycleTask,
  { force = false }: { readonly force?: boolean } = {},
): Promise<Destruction> {
  const stack = await TaskStack.open(task, { force });
  const deployed = (await stack?.deployed()) ?? [];
  if (!force) refuseFilled(task, await holdingsOf(task, deployed));
  const external = [task.output, task.input].filter(isExternal);
  return {
    resources: deployed.map(nameOf),
    providers: external.map(({ role, name }) => `${role} ${name}`),
    perform: (listeners) => destroy(task, stack, listeners),
  };
}

/** What the task's resources hold that would be lost. */
export async function holdingsOf(
  task: LifecycleTask,
  deployed: readonly DeployedTaskResource[],
): Promise<readonly Holding[]> {
  const of = async ({ infrastructure, config }: TaskSide): Promise<readonly Holding[]> =>
    (await infrastructure?.holdings?.(deployed, config, contextOf(task))) ?? [];
  return deployed.length === 0 ? [] : [...(await of(task.input)), ...(await of(task.output))];
}

/** `12 messages`. */
export function holdingText({ count, orMore, noun }: Holding): string {
  const number = count.toLocaleString("en-US");
  return orMore === true ? `${number} ${noun} or more` : `${number} ${count === 1 ? noun.replace(/s$/, "") : noun}`;
}

function refuseFilled({ name }: LifecycleTask, holdings: readonly Holding[]): void {
  const filled = holdings.filter(({ count }) => count > 0);
  if (filled.length === 0) return;
  const list = filled.map((one) => `${one.name} holds ${holdingText(one)}`).join(", ");
  const hint = `Let them be read first, or run \`cdc destroy ${name} --force\`, which loses them.`;
  throw new CdcError("CDC_TASK_NOT_EMPTY", `task ${name} is not destroyed: ${list}`, { hint });
}

async function destroy(
  task: LifecycleTask,
  stack: TaskStack | undefined,
  listeners: LifecycleListeners,
): Promise<LifecycleReport> {
  const report = reportOf(task.name, "destroy", await performSteps(task, stack, "destroy", listeners));
  // While anything is left, the state is needed.
  if (report.status === "failed") return report;
  await stack?.remove();
  await rm(task.directory, { recursive: true, force: true });
  return report;
}

function nameOf({ type, name, outputs }: DeployedTaskResource): string {
  return `${resourceNoun(type)} ${resourceObject(type, outputs) ?? name}`;
}
