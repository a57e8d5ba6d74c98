import type { Command } from "commander";
import { contextFrom } from "../context";
import { shortValue } from "../print/property-diff";
import { table } from "../print/table";
import { openStack } from "../stack-run";

/** `cdc outputs` */
export function register(program: Command): void {
  program
    .command("outputs")
    .summary("print what the stack exports")
    .description("Prints the outputs of the last up. Secret ones are masked. --json prints one document.")
    .addHelpText("after", "\nExample:\n  $ cdc outputs -s dev --json")
    .action(outputs);
}

async function outputs(_flags: unknown, command: Command): Promise<void> {
  const context = contextFrom(command);
  const stack = await openStack(context);
  const values = await stack.outputs();
  const rows = Object.entries(values).map(([name, value]) => [name, shortValue(value)]);
  context.print(values, () => (rows.length === 0 ? "no outputs" : table(["OUTPUT", "VALUE"], rows)));
}
