import { InvalidArgumentError, type Command } from "commander";
import type { ApplyReport } from "../../../migrations/apply/report";
import { contextFrom, type Context } from "../../context";
import { EXIT } from "../../exit-code";
import type { ApplyWishes } from "../../migration-apply";
import type { TargetFlags } from "../../migration-targets";
import { withTargets } from "./target-options";

interface ApplyFlags extends TargetFlags, ApplyWishes {
  readonly dryRun?: boolean;
}

/** `cdc manage-migrations apply` */
export function register(group: Command): void {
  const command = group
    .command("apply")
    .summary("bring the databases to what the files say")
    .description(
      "Applies the files of a sink to its database in one environment: schemas and management schema first, then every\n" +
        "table of every customer, each with its rows of the history in one transaction. What has to be done is decided\n" +
        "by the live catalogue; what is there already is only recorded. A file that was edited by hand stops everything\n" +
        "before it begins; a table that fails or was changed by hand is named, and the others go on. One process works,\n" +
        "others wait for it.\n" +
        "Exit codes: 0 done or nothing to do, 2 error or something is left, 130 interrupted.",
    )
    .option("--dry-run", "print exactly what would be sent, and change nothing")
    .option("--lock-timeout <ms>", "a statement waits so long for a lock, then tries again later", wholeNumber, 3_000)
    .option("--wait <seconds>", "wait so long for another deployment of the database", wholeNumber, 600)
    .option("--single-transaction", "everything or nothing")
    .option("--repair", "also alter tables whose columns were changed by hand")
    .option("--force", "apply files although they were edited; needs --by")
    .option("--by <name>", "who answers for it, for the history")
    .addHelpText("after", "\nExample:\n  $ cdc manage-migrations apply --env prod --sink main.clinic");
  withTargets(command).action(apply);
}

async function apply(flags: ApplyFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  if (flags.force === true && flags.by === undefined)
    command.error("error: --force needs --by <name>: who answers for it");
  const { migrationTargets, targetConfig } = await import("../../migration-targets");
  const reports: ApplyReport[] = [];
  for (const target of migrationTargets(context, flags)) {
    const config = await targetConfig(context, target);
    if (flags.dryRun === true) {
      const { dryRun } = await import("../../migration-apply");
      await dryRun(context, target, config, flags);
      continue;
    }
    const { applyTarget } = await import("../../migration-apply");
    reports.push(await applyTarget(context, target, config, flags));
    if (context.io.signal.aborted) break;
  }
  if (flags.dryRun === true) return;
  if (reports.some(({ complete }) => !complete)) context.exitWith(EXIT.error);
  await print(context, reports);
}

async function print(context: Context, reports: readonly ApplyReport[]): Promise<void> {
  const { applyText } = await import("../../print/migrations");
  context.print(reports, () => applyText(reports, context.paint));
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("a whole number above 0 is needed.");
  return value;
}
