import type { Command } from "commander";

/** Which files and which databases a command is about. */
export function withTargets(command: Command): Command {
  return command
    .option(
      "--env <name>",
      "environment; the stack's own when absent. PG_<ENV>_HOST|PORT|USER|PASSWORD say where it is",
    )
    .option("--sink <name>", "only this sink, such as main.clinic")
    .option("--schema <name>", "only this schema: one customer's")
    .option("--service <name>", "only this service's tables")
    .option("--table <name>", "only this table, such as Actor")
    .option("--migrations-dir <dir>", "folder of the files, instead of migrations beside the configuration");
}
