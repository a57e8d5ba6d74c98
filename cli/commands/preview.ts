import type { Command } from "commander";
import { contextFrom } from "../context";
import { expectNoChanges, openStack, runOptions, runStack, type RunFlags } from "../stack-run";

/** `cdc preview` */
export function register(program: Command): void {
  const command = program
    .command("preview")
    .summary("show what up would change, column by column")
    .description(
      "Shows what `cdc up` would change: each table by column, with its hazard. Changes nothing.\n" +
        "--json prints one event a line (NDJSON); the last has kind `end` and the counts.\n" +
        "Exit codes: 0 fine, 1 changes found with --expect-no-changes, 2 error.",
    )
    .option("--refresh", "read the real state of the database first, so that drift shows")
    .option("--expect-no-changes", "exit with 1 when there are changes")
    .addHelpText("after", "\nExample:\n  $ cdc preview -s prod --refresh --show-sql");
  runOptions(command).action(preview);
}

async function preview(flags: RunFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const stack = await openStack(context);
  context.note(`previewing stack ${context.options.stack} (${stack.engine})`);
  expectNoChanges(context, flags, await runStack(context, stack, "preview", flags));
}
