import type { Destruction } from "../../tasks/lifecycle/destroy-task";
import { confirmed, requireAnswer } from "../ask";
import type { Context } from "../context";
import { LifecycleDisplay } from "./lifecycle-display";
import { loadLifecycleTask } from "./lifecycle-task";
import type { TaskFlags } from "./load-task";

/** Resources listed before "and N more". */
const NAMED = 10;

/** Removes what a task made: shows what goes, asks, then takes it away, the output's first. */
export async function destroyTask(
  context: Context,
  name: string,
  flags: TaskFlags & { readonly force?: boolean; readonly showSql?: boolean },
): Promise<void> {
  requireAnswer(context);
  const { prepareDestroy } = await import("../../tasks/lifecycle/destroy-task");
  const task = await loadLifecycleTask(context, name, flags);
  const destruction = await prepareDestroy(task, { force: flags.force === true });
  for (const line of outlook(destruction)) context.note(line);
  if (!(await confirmed(context, `Destroy the infrastructure of task ${name}?`))) {
    context.note("nothing was destroyed");
    return;
  }
  const display = await LifecycleDisplay.open(context, name, flags.showSql);
  display.finish(await destruction.perform(display));
}

function outlook({ resources, providers }: Destruction): string[] {
  const more = resources.length - NAMED;
  const named = resources.slice(0, NAMED).join(", ");
  const goes = resources.length === 0 ? [] : [`to remove: ${named}${more > 0 ? ` and ${more} more` : ""}`];
  return [...goes, ...providers.map((provider) => `to remove: what ${provider} has made`)];
}
