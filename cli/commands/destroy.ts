import type { Command } from "commander";
import { CdcError } from "../../lib/errors";
import { confirmed, requireAnswer } from "../ask";
import { contextFrom, type Context } from "../context";
import { nameOfUrn, resourcesOf, type DeployedResource } from "../deployment";
import { counted, nounOf } from "../print/nouns";
import { taskFileOption, type TaskFlags } from "../tasks/load-task";
import { openStack, runOptions, runStack, type RunFlags } from "../stack-run";

/** Names listed before "and N more". */
const NAMED = 10;

/** `cdc destroy` */
export function register(program: Command): void {
  const command = program
    .command("destroy")
    .summary("remove what the stack, or a task, made")
    .description(
      "Removes what the stack made. Names what is protected or stays, then asks; without a terminal --yes is needed.\n" +
        "With a task: removes what the task's providers made, the output's first, and the task's own stack with its\n" +
        "state. A queue that holds messages, or a table that holds rows, is refused unless --force is given.\n" +
        "--json prints one event a line (NDJSON); with a task one value at the end.\n" +
        "Exit codes: 0 fine, 2 error (also when something is protected, or not empty), 130 interrupted.",
    )
    .argument("[task]", "name of a task; without one the stack is meant")
    .option("--force", "with a task: lose the messages and rows that are still there")
    .addHelpText("after", "\nExample:\n  $ cdc destroy -s dev\n  $ cdc destroy mssql-to-asb --yes");
  runOptions(taskFileOption(command)).action(destroy);
}

async function destroy(
  task: string | undefined,
  flags: RunFlags & TaskFlags & { force?: boolean },
  command: Command,
): Promise<void> {
  const context = contextFrom(command);
  if (task !== undefined) {
    const { destroyTask } = await import("../tasks/destroy-task");
    await destroyTask(context, task, flags);
  } else await destroyStack(context, flags);
}

async function destroyStack(context: Context, flags: RunFlags): Promise<void> {
  requireAnswer(context);
  const stack = await openStack(context);
  const deployed = resourcesOf(await stack.export()).filter(({ type }) => nounOf(type) !== undefined);
  context.note(`destroying stack ${context.options.stack} (${stack.engine})`);
  if (flags.target === undefined) refuseProtected(context, deployed);
  for (const line of outlook(deployed)) context.note(line);
  if (!(await confirmed(context, `Destroy stack ${context.options.stack}?`))) {
    context.note("nothing was destroyed");
    return;
  }
  await runStack(context, stack, "destroy", flags, new Set(staying(deployed).map(({ urn }) => urn)));
}

function refuseProtected(context: Context, deployed: readonly DeployedResource[]): void {
  const held = deployed.filter(({ protect }) => protect === true);
  if (held.length === 0) return;
  const { stack } = context.options;
  const hint = "Take the protection away in the configuration and run `cdc up`, or destroy others with --target.";
  throw new CdcError("CDC_PROTECTED", `stack ${stack} protects ${list(held)}`, { hint });
}

/** What goes and what stays, in words. */
function outlook(deployed: readonly DeployedResource[]): string[] {
  const stays = staying(deployed);
  const goes = deployed.length - stays.length;
  const lines = [`to remove: ${counted(goes, "object")}`];
  if (stays.length > 0) lines.push(`stay in the database: ${list(stays)}`);
  return lines;
}

function staying(deployed: readonly DeployedResource[]): readonly DeployedResource[] {
  return deployed.filter(({ retainOnDelete }) => retainOnDelete === true);
}

function list(resources: readonly DeployedResource[]): string {
  const names = resources.slice(0, NAMED).map(({ type, urn }) => `${nounOf(type) ?? ""} ${nameOfUrn(urn)}`);
  const more = resources.length - names.length;
  return `${names.join(", ")}${more > 0 ? ` and ${String(more)} more` : ""}`;
}
