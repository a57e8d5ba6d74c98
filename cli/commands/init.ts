import type { Command } from "commander";
import { contextFrom } from "../context";
import { taskFileOption, type TaskFlags } from "../tasks/load-task";

/** `cdc init` */
export function register(program: Command): void {
  const command = program
    .command("init")
    .summary("make what a task needs: capture, queues, tables")
    .description(
      "Makes the infrastructure of a task: first what its input needs, then its output. Built-in providers add Pulumi\n" +
        "resources to the task's own stack; external ones do it themselves. A second init changes nothing.\n" +
        "Exit codes: 0 fine, 2 error (what was done until then is told, and stays), 130 interrupted.",
    )
    .argument("<task>", "name of the task")
    .option("--pull-images", "take what the tags of images stand for now")
    .option("--show-sql", "print the statements of each change")
    .addHelpText("after", "\nExample:\n  $ cdc init mssql-to-asb\n  $ cdc init mssql-to-asb -c dstream.hcl --json");
  taskFileOption(command).action(init);
}

async function init(task: string, flags: TaskFlags & { showSql?: boolean }, command: Command): Promise<void> {
  const context = contextFrom(command);
  const { loadLifecycleTask } = await import("../tasks/lifecycle-task");
  const { LifecycleDisplay } = await import("../tasks/lifecycle-display");
  const { initTask } = await import("../../tasks/lifecycle/init-task");
  const loaded = await loadLifecycleTask(context, task, flags);
  const display = await LifecycleDisplay.open(context, task, flags.showSql);
  display.finish(await initTask(loaded, display));
}
