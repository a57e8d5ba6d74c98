import { Argument, type Command } from "commander";
import { VALUE_KINDS } from "../completion/value-kinds";
import { contextFrom } from "../context";

/** `cdc complete`, which the completion scripts ask: it says nothing but values, whatever is wrong. */
export function register(program: Command): void {
  program
    .command("complete", { hidden: true })
    .summary("print the values that a shell can complete")
    .description("Prints the project's values of a kind, one a line, for the completion scripts. Never fails.")
    .addArgument(new Argument("<kind>", "what is completed").choices(VALUE_KINDS))
    .argument("[words...]", "the command line as far as it is typed, after --")
    .addHelpText("after", "\nExample:\n  $ cdc complete services")
    .action(complete);
}

async function complete(
  kind: (typeof VALUE_KINDS)[number],
  words: readonly string[],
  _flags: unknown,
  command: Command,
): Promise<void> {
  const context = contextFrom(command);
  const { projectValues } = await import("../completion/project-values");
  let values: string[] = [];
  try {
    values = projectValues(context, kind, words);
  } catch {
    // A shell shows nothing rather than an error in the middle of a line.
  }
  // A value with a line break would be two.
  const lines = values.filter((value) => !/[\r\n]/.test(value));
  context.print(lines, () => lines.join("\n"));
}
