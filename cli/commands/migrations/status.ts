import type { Command } from "commander";
import type { MigrationStatus } from "../../../migrations/status";
import { contextFrom } from "../../context";
import { EXIT } from "../../exit-code";
import type { TargetFlags } from "../../migration-targets";
import { withTargets } from "./target-options";

/** `cdc manage-migrations status` */
export function register(group: Command): void {
  const command = group
    .command("status")
    .summary("show what is applied, pending or drifted")
    .description(
      "Compares files, history and live catalogue, and shows for every schema how many tables are applied, adopted (they\n" +
        "were there already), pending, modified (applied from other files), drifted (changed in the database) or blocked by\n" +
        "a manual file; and which schemas are not like most others. With --offline it only looks at the files.\n" +
        "Exit codes: 0 up to date, 1 not, 2 error or a file was edited by hand.",
    )
    .option("--offline", "don't connect: list what there is to apply")
    .addHelpText("after", "\nExample:\n  $ cdc manage-migrations status --env prod");
  withTargets(command).action(status);
}

async function status(flags: TargetFlags & { readonly offline?: boolean }, command: Command): Promise<void> {
  const context = contextFrom(command);
  const { migrationTargets, targetConfig } = await import("../../migration-targets");
  const { offlineText, statusText } = await import("../../print/migrations");
  const { offlineStatus, readStatus } = await import("../../../migrations/status");
  const targets = migrationTargets(context, flags);
  const edited = targets.some(({ folder }) => folder.faults.length > 0);
  if (flags.offline === true) {
    const found = targets.map(({ folder, environment }) => offlineStatus(folder, environment));
    context.print(found, () => offlineText(found, context.paint));
  } else {
    const found: MigrationStatus[] = [];
    for (const target of targets)
      found.push(await readStatus(target.folder, target.environment, await targetConfig(context, target)));
    context.print(found, () => statusText(found, context.paint));
    if (found.some(({ upToDate }) => !upToDate)) context.exitWith(EXIT.changesFound);
  }
  if (edited) context.exitWith(EXIT.error);
}
