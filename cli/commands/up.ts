import type { Command } from "commander";
import type { Stack } from "../../engine/stack";
import { confirmed, requireAnswer } from "../ask";
import { contextFrom, type Context } from "../context";
import { expectNoChanges, openStack, runOptions, runStack, type RunFlags } from "../stack-run";

/** `cdc up` */
export function register(program: Command): void {
  const command = program
    .command("up")
    .summary("make the database what the YAML says")
    .description(
      "Makes the database what the YAML says. On a terminal it shows the preview and asks; elsewhere --yes is needed.\n" +
        "--json prints one event a line (NDJSON); the last has kind `end` and the counts.\n" +
        "Exit codes: 0 fine, 1 changes found with --expect-no-changes (and nothing done), 2 error, 130 interrupted.",
    )
    .option("--refresh", "read the real state of the database first, so that drift is mended")
    .option("--expect-no-changes", "exit with 1, doing nothing, when there are changes")
    .addHelpText("after", "\nExample:\n  $ cdc up -s dev --yes");
  runOptions(command).action(up);
}

async function up(flags: RunFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  if (flags.expectNoChanges !== true) requireAnswer(context);
  const stack = await openStack(context);
  context.note(`updating stack ${context.options.stack} (${stack.engine})`);
  if (await mayGoOn(context, stack, flags)) await runStack(context, stack, "up", flags);
}

/** Previews when somebody is to look or nothing may change; answers whether to go on. */
async function mayGoOn(context: Context, stack: Stack, flags: RunFlags): Promise<boolean> {
  if (flags.expectNoChanges === true) {
    expectNoChanges(context, flags, await runStack(context, stack, "preview", flags));
    return false;
  }
  if (context.options.yes) return true;
  const { changed } = await runStack(context, stack, "preview", flags);
  if (!changed) return false;
  if (await confirmed(context, `Make these changes to stack ${context.options.stack}?`)) return true;
  context.note("nothing was changed");
  return false;
}
