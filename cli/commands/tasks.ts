import type { Command } from "commander";
import type { TaskSummary } from "../../config/tasks";
import { contextFrom } from "../context";
import { table } from "../print/table";
import { openTasks, taskFileOption, type TaskFlags } from "../tasks/load-task";

/** `cdc tasks` */
export function register(program: Command): void {
  const command = program
    .command("tasks")
    .summary("list the tasks")
    .description(
      "Lists the tasks of tasks.yaml or dstream.hcl with their providers. Looks at the file only: no variable is needed.\n" +
        "Exit codes: 0 fine, 2 error.",
    )
    .addHelpText("after", "\nExample:\n  $ cdc tasks -c dstream.hcl --json");
  taskFileOption(command).action(list);
}

async function list(flags: TaskFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const opened = await openTasks(context, flags);
  const { summariesOf } = await import("../../config/tasks");
  const tasks = summariesOf(opened);
  context.print({ file: opened.path, tasks }, () => text(opened.path, tasks));
}

function text(file: string, tasks: readonly TaskSummary[]): string {
  if (tasks.length === 0) return `${file} holds no task`;
  return table(
    ["task", "input", "output", "description"],
    tasks.map(({ name, input, output, description = "" }) => [name, input, output, description]),
  );
}
