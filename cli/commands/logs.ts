import { Option, type Command } from "commander";
import { contextFrom } from "../context";
import { positive } from "../number-words";
import { taskFileOption } from "../tasks/load-task";
import type { LogsFlags } from "../tasks/task-logs";

const LEVELS = ["debug", "info", "warn", "error"];

/** `cdc logs` */
export function register(program: Command): void {
  const command = program
    .command("logs")
    .summary("show what a task and its providers have said")
    .description(
      "Shows the log of a task's runs, in the foreground and in the background: about the last 30 MB.\n" +
        "--json prints the lines as they are stored.\n" +
        "Exit codes: 0 fine, 2 error.",
    )
    .argument("<task>", "name of a task")
    .option("-f, --follow", "go on with what comes, until the run is over")
    .option("--tail <lines>", "only so many from the end", positive)
    .addOption(new Option("--log-level <level>", "least level of the lines").choices(LEVELS).default("info"))
    .addHelpText("after", "\nExample:\n  $ cdc logs mssql-to-asb --tail 50 -f");
  taskFileOption(command).action(logs);
}

async function logs(task: string, flags: LogsFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const signal = context.stopsCleanly();
  const { showLogs } = await import("../tasks/task-logs");
  await showLogs(context, task, flags, signal);
}
