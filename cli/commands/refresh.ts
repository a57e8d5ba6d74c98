import type { Command } from "commander";
import { contextFrom } from "../context";
import { expectNoChanges, openStack, runOptions, runStack, type RunFlags } from "../stack-run";

/** `cdc refresh` */
export function register(program: Command): void {
  const command = program
    .command("refresh")
    .summary("read the real state of the database into the stack")
    .description(
      "Reads what the database really holds into the stack's state, so that the next preview shows drift. " +
        "Changes the state only, never the database.\n" +
        "--json prints one event a line (NDJSON).\n" +
        "Exit codes: 0 fine, 1 drift found with --expect-no-changes, 2 error.",
    )
    .option("--expect-no-changes", "exit with 1 when the database is not as it was left")
    .addHelpText("after", "\nExample:\n  $ cdc refresh -s prod --expect-no-changes");
  runOptions(command).action(refresh);
}

async function refresh(flags: RunFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const stack = await openStack(context);
  context.note(`refreshing stack ${context.options.stack} (${stack.engine})`);
  expectNoChanges(context, flags, await runStack(context, stack, "refresh", flags));
}
