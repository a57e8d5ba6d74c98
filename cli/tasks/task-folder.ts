import { CdcError } from "../../lib/errors";
import type { Context } from "../context";
import { openTasks, taskDirectory, type TaskFlags } from "./load-task";

/** The folder where a task keeps its runs: of what the file names, whether its variables are set or not. */
export async function taskFolder(context: Context, name: string, flags: TaskFlags): Promise<string> {
  const opened = await openTasks(context, flags);
  const { taskNames } = await import("../../config/tasks");
  const names = taskNames(opened);
  if (names.includes(name)) return taskDirectory(opened.path, name);
  const hint = names.length === 0 ? "The file holds no task." : `There are: ${names.join(", ")}.`;
  throw new CdcError("CDC_TASK_UNKNOWN", `${opened.path} has no task ${name}`, { hint });
}
