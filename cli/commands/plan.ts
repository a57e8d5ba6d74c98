import type { Command } from "commander";
import { contextFrom } from "../context";
import { EXIT } from "../exit-code";
import { taskFileOption, type TaskFlags } from "../tasks/load-task";

/** `cdc plan` */
export function register(program: Command): void {
  const command = program
    .command("plan")
    .summary("show what init of a task would change")
    .description(
      "Shows what `cdc init` would make, change and remove, of both providers, also what was changed by hand since.\n" +
        "Changes nothing.\n" +
        "Exit codes: 0 nothing to change, 1 there are changes, 2 error, 130 interrupted.",
    )
    .argument("<task>", "name of the task")
    .option("--pull-images", "take what the tags of images stand for now")
    .option("--show-sql", "print the statements of each change")
    .addHelpText("after", "\nExample:\n  $ cdc plan mssql-to-asb");
  taskFileOption(command).action(plan);
}

async function plan(task: string, flags: TaskFlags & { showSql?: boolean }, command: Command): Promise<void> {
  const context = contextFrom(command);
  const { loadLifecycleTask } = await import("../tasks/lifecycle-task");
  const { LifecycleDisplay } = await import("../tasks/lifecycle-display");
  const { planTask } = await import("../../tasks/lifecycle/init-task");
  const loaded = await loadLifecycleTask(context, task, flags);
  const display = await LifecycleDisplay.open(context, task, flags.showSql);
  const report = await planTask(loaded, display);
  display.finish(report);
  if (report.changed) context.exitWith(EXIT.changesFound);
}
