import type { Command } from "commander";
import { contextFrom } from "../context";
import { EXIT } from "../exit-code";

/** `cdc demo` */
export function register(program: Command): void {
  program
    .command("demo")
    .summary("see the whole thing in a minute")
    .description(
      "Starts a PostgreSQL and a stand-in for SQL Server of its own, deploys an example, streams changes, kills the stream\n" +
        "in the middle, adds a column, compares both sides, and takes all away again. Nothing else is needed, and nothing stays.\n" +
        "Exit codes: 0 every check held, 2 one did not.",
    )
    .option("--keep", "stop before the end and leave it running until Ctrl-C")
    .addHelpText("after", "\nExample:\n  $ cdc demo --keep")
    .action(demo);
}

async function demo(flags: { keep?: boolean }, command: Command): Promise<void> {
  const context = contextFrom(command);
  const { playDemo } = await import("../demo/demo");
  if (!(await playDemo(context, flags.keep === true))) context.exitWith(EXIT.error);
}
