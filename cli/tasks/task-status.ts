import type { TaskStatus } from "../../tasks/lifecycle/task-status";
import type { Context } from "../context";
import { EXIT } from "../exit-code";
import type { Paint } from "../print/paint";
import { table } from "../print/table";
import { LifecycleDisplay } from "./lifecycle-display";
import { loadLifecycleTask } from "./lifecycle-task";
import type { TaskFlags } from "./load-task";

/** Shows the infrastructure of a task, of both its sides. */
export async function showTaskStatus(context: Context, name: string, flags: TaskFlags): Promise<void> {
  const { statusOfTask } = await import("../../tasks/lifecycle/task-status");
  const task = await loadLifecycleTask(context, name, flags);
  const status = await statusOfTask(task, await LifecycleDisplay.open(context, name));
  context.print(status, () => statusText(status, context.paint));
  if (!status.healthy) context.exitWith(EXIT.unhealthy);
}

function statusText({ resources, problems, task }: TaskStatus, paint: Paint): string {
  const rows = resources.map(({ role, kind, name, state, detail = "" }) => [role, kind, name, state, detail]);
  const list =
    rows.length === 0
      ? [`task ${task} has no infrastructure`]
      : [table(["side", "kind", "name", "state", "detail"], rows)];
  return [...list, ...problems.map((problem) => `${paint.red("error:")} ${problem}`)].join("\n");
}
