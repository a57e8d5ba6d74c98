import type { Command } from "commander";
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { CdcError } from "../../lib/errors";
import { confirmed, requireAnswer } from "../ask";
import { contextFrom } from "../context";
import { projectDirectory, stackNames } from "../project";
import { openStack } from "../stack-run";

/** `cdc stack ls|export|import|cancel` */
export function register(program: Command): void {
  const group = program
    .command("stack")
    .summary("list, export, import or unlock stacks")
    .addHelpText("after", "\nExample:\n  $ cdc stack export -s dev --file dev.json");
  group
    .command("ls")
    .description("Lists the stacks of the project.")
    .addHelpText("after", "\nExample:\n  $ cdc stack ls")
    .action(list);
  group
    .command("export")
    .description("Prints the stack's deployment as JSON, as `pulumi stack export` does. Secrets stay encrypted.")
    .option("--file <path>", "write it there instead of stdout")
    .addHelpText("after", "\nExample:\n  $ cdc stack export -s dev --file dev.json")
    .action(exportStack);
  group
    .command("import")
    .description("Replaces the stack's deployment by an exported one. Asks first.")
    .requiredOption("--file <path>", "JSON file made by `export`")
    .addHelpText("after", "\nExample:\n  $ cdc stack import -s dev --file dev.json --yes")
    .action(importStack);
  group
    .command("cancel")
    .description("Releases the lock that a dead run left behind. A run that is alive must be ended first.")
    .addHelpText("after", "\nExample:\n  $ cdc stack cancel -s dev --yes")
    .action(cancel);
}

function list(_flags: unknown, command: Command): void {
  const context = contextFrom(command);
  const names = stackNames(projectDirectory(context));
  context.print(names, () => names.join("\n"));
}

async function exportStack(flags: { file?: string }, command: Command): Promise<void> {
  const context = contextFrom(command);
  const stack = await openStack(context);
  const text = `${JSON.stringify(await stack.export(), undefined, 2)}\n`;
  if (flags.file === undefined) context.io.stdout.write(text);
  else await writeFile(resolve(context.io.cwd, flags.file), text, { mode: 0o600 });
}

async function importStack(flags: { file: string }, command: Command): Promise<void> {
  const context = contextFrom(command);
  requireAnswer(context);
  const path = resolve(context.io.cwd, flags.file);
  const deployment = parseDeployment(await readFile(path, "utf8"), path);
  const stack = await openStack(context);
  if (await confirmed(context, `Replace the state of stack ${context.options.stack}?`)) await stack.import(deployment);
  else context.note("nothing was changed");
}

function parseDeployment(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const hint = "Give a file that `cdc stack export` or `pulumi stack export` made.";
    throw new CdcError("CDC_BAD_DEPLOYMENT", `${path} is not JSON`, { hint, cause });
  }
}

async function cancel(_flags: unknown, command: Command): Promise<void> {
  const context = contextFrom(command);
  requireAnswer(context);
  const stack = await openStack(context);
  if (await confirmed(context, `Release the lock of stack ${context.options.stack}?`)) await stack.cancel();
  else context.note("nothing was changed");
}
