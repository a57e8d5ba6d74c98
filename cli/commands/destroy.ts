import type { Command } from "commander";
import { CdcError } from "../../lib/errors";
import { confirmed, requireAnswer } from "../ask";
import { contextFrom, type Context } from "../context";
import { nameOfUrn, resourcesOf, type DeployedResource } from "../deployment";
import { counted, nounOf } from "../print/nouns";
import { openStack, runOptions, runStack, type RunFlags } from "../stack-run";

/** Names listed before "and N more". */
const NAMED = 10;

/** `cdc destroy` */
export function register(program: Command): void {
  const command = program
    .command("destroy")
    .summary("remove what the stack made")
    .description(
      "Removes what the stack made. Names what is protected or stays, then asks; without a terminal --yes is needed.\n" +
        "--json prints one event a line (NDJSON).\n" +
        "Exit codes: 0 fine, 2 error (also when something is protected), 130 interrupted.",
    )
    .addHelpText("after", "\nExample:\n  $ cdc destroy -s dev");
  runOptions(command).action(destroy);
}

async function destroy(flags: RunFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
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
