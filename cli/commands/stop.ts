import type { Command } from "commander";
import { contextFrom } from "../context";
import { seconds } from "../number-words";
import { taskFileOption } from "../tasks/load-task";
import type { StopFlags } from "../tasks/stop-task";

/** `cdc stop` */
export function register(program: Command): void {
  const command = program
    .command("stop")
    .summary("stop a task that runs")
    .description(
      "Stops the run of a task, in the foreground or in the background: its input first, then the output writes the rest\n" +
        "and confirms it.\n" +
        "Exit codes: 0 it does not run any more, 2 error, 3 it is still stopping.",
    )
    .argument("<task>", "name of a task")
    .option("--force", "kill it when the time is up; what was not confirmed comes again at the next run")
    .option("--timeout <seconds>", "how long to wait", seconds, 60)
    .addHelpText("after", "\nExample:\n  $ cdc stop mssql-to-asb --timeout 10 --force");
  taskFileOption(command).action(stop);
}

async function stop(task: string, flags: StopFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const { stopTask } = await import("../tasks/stop-task");
  await stopTask(context, task, flags);
}
