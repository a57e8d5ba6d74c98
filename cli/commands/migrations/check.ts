import type { Command } from "commander";
import type { LiveComparison } from "../../../migrations/check";
import { contextFrom, type Context } from "../../context";
import { EXIT } from "../../exit-code";
import type { TargetFlags } from "../../migration-targets";
import { withTargets } from "./target-options";

/** `cdc manage-migrations check` */
export function register(group: Command): void {
  const command = group
    .command("check")
    .summary("compare the live databases with the files")
    .description(
      "Compares every schema, table, staging table, trigger, merge procedure and registration of the live database with\n" +
        "what the files say, whatever the history remembers, and changes nothing. Schemas that are not like most others\n" +
        "are named.\n" +
        "Exit codes: 0 as the files say, 1 differences, 2 error.",
    )
    .addHelpText("after", "\nExample:\n  $ cdc manage-migrations check --env prod --json");
  withTargets(command).action(check);
}

async function check(flags: TargetFlags, command: Command): Promise<void> {
  await compareWithDatabases(contextFrom(command), flags);
}

/** Compares the files with the databases of an environment, prints what differs, and says so by the exit code. */
export async function compareWithDatabases(context: Context, flags: TargetFlags): Promise<void> {
  const { migrationTargets, targetConfig } = await import("../../migration-targets");
  const { compareLive } = await import("../../../migrations/check");
  const { checkText } = await import("../../print/migrations");
  const found: LiveComparison[] = [];
  for (const target of migrationTargets(context, flags)) {
    found.push(await compareLive(target.folder, target.environment, await targetConfig(context, target)));
  }
  context.print(found, () => checkText(found, context.paint));
  if (found.some(({ differences }) => differences.length > 0)) context.exitWith(EXIT.changesFound);
}
