import type { Command } from "commander";

/** Which tables of which sources a command on the capture is about. */
export function withSources(command: Command): Command {
  return command
    .option(
      "--env <name>",
      "environment; the stack's own when absent. MSSQL_<ENV>_HOST|PORT|USER|PASSWORD say where it is",
    )
    .option("--table <name>", "only this table, such as Actor or dbo.Actor")
    .option("--source <name>", "only the database of this customer or service")
    .option("--tenant <name>", "the same as --source")
    .option("--dry-run", "show what would be done, and change nothing");
}
