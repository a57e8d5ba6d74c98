import type { RunRecord } from "../../tasks/detached";
import type { TaskStatus } from "../../tasks/lifecycle/task-status";
import type { Context } from "../context";
import { EXIT } from "../exit-code";
import type { Paint } from "../print/paint";
import { table } from "../print/table";
import { LifecycleDisplay } from "./lifecycle-display";
import { loadLifecycleTask } from "./lifecycle-task";
import type { TaskFlags } from "./load-task";
import { runStatusText } from "./run-status";

/** Shows the infrastructure of a task, of both its sides; with `detailed` its last run, too. */
export async function showTaskStatus(
  context: Context,
  name: string,
  flags: TaskFlags & { readonly detailed?: boolean },
): Promise<void> {
  const { statusOfTask } = await import("../../tasks/lifecycle/task-status");
  const task = await loadLifecycleTask(context, name, flags);
  const status = await statusOfTask(task, await LifecycleDisplay.open(context, name));
  const run = flags.detailed === true ? await lastRun(task.directory) : undefined;
  context.print({ ...status, ...run }, () =>
    [statusText(status, context.paint), ...(run === undefined ? [] : [runStatusText(name, run.run)])].join("\n"),
  );
  if (!status.healthy) context.exitWith(EXIT.unhealthy);
}

async function lastRun(directory: string): Promise<{ readonly run?: RunRecord }> {
  const { taskRun } = await import("../../tasks/detached");
  const run = taskRun(directory);
  return run === undefined ? {} : { run };
}

function statusText({ resources, problems, task }: TaskStatus, paint: Paint): string {
  const rows = resources.map(({ role, kind, name, state, detail = "" }) => [role, kind, name, state, detail]);
  const list =
    rows.length === 0
      ? [`task ${task} has no infrastructure`]
      : [table(["side", "kind", "name", "state", "detail"], rows)];
  return [...list, ...problems.map((problem) => `${paint.red("error:")} ${problem}`)].join("\n");
}
