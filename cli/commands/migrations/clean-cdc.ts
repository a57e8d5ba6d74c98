import { InvalidArgumentError, type Command } from "commander";
import type { CleanedDatabase } from "../../capture/clean";
import type { CaptureFlags } from "../../capture/targets";
import { contextFrom, type Context } from "../../context";
import { EXIT } from "../../exit-code";
import { withSources } from "./capture-options";

interface CleanFlags extends CaptureFlags {
  readonly days: number;
  readonly force?: boolean;
}

/** `cdc manage-migrations clean-cdc` */
export function register(group: Command): void {
  const command = group
    .command("clean-cdc")
    .summary("remove old changes from the change tables of the source databases")
    .description(
      "Runs sys.sp_cdc_cleanup_change_table for every capture instance of the tables that the sinks take: changes that are\n" +
        "older than so many days go. What a stream has not read yet stays, and so does everything while a sink can't be\n" +
        "asked; --force removes it all the same, and the stream then finds a gap. SQL Server's own clean-up job does this\n" +
        "every night, with its retention of three days unless that was changed.\n" +
        "Exit codes: 0 done or nothing to do, 2 error or something is left, 130 interrupted.",
    )
    .option("--days <count>", "keep the changes of so many days", wholeNumber, 30)
    .option("--force", "also remove what no stream has read yet")
    .addHelpText(
      "after",
      "\nExample:\n  $ cdc manage-migrations clean-cdc --env nonprod --days 60 --dry-run\n" +
        "  $ cdc manage-migrations clean-cdc --env nonprod --yes",
    );
  withSources(command).action(clean);
}

async function clean(flags: CleanFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const { captureTargets } = await import("../../capture/targets");
  const { planClean, carryOutClean } = await import("../../capture/clean");
  const { cleanedText } = await import("../../print/capture");
  const { targets, sinkSettings } = await captureTargets(context, flags);
  const { days, force = false, dryRun = false } = flags;
  try {
    const planned = await planClean(targets, { days, force, sinkSettings });
    const agreed = !dryRun && changesOf(planned) > 0 && (await agrees(context, planned));
    const databases = agreed ? await carryOutClean(targets, planned) : planned;
    context.print({ dryRun, days, databases }, () => cleanedText(databases));
    if (databases.some(isLeft)) context.exitWith(EXIT.error);
  } finally {
    await closeAll();
  }
}

async function agrees(context: Context, planned: readonly CleanedDatabase[]): Promise<boolean> {
  const { confirmed } = await import("../../ask");
  return confirmed(context, `Remove ${String(changesOf(planned))} changes from ${String(planned.length)} databases?`);
}

function changesOf(databases: readonly CleanedDatabase[]): number {
  const instances = databases.flatMap((one) => one.instances.filter(({ outcome }) => outcome === "to-clean"));
  return instances.reduce((sum, { changes }) => sum + changes, 0);
}

function isLeft({ problem, instances }: CleanedDatabase): boolean {
  return problem !== undefined || instances.some(({ outcome }) => outcome === "failed" || outcome === "unread");
}

async function closeAll(): Promise<void> {
  const sources = await import("../../../databases/sqlserver/pool");
  const sinks = await import("../../../databases/postgres/pool");
  sources.closePools();
  await sinks.closePools();
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0 || value > 36_500)
    throw new InvalidArgumentError("A whole number of days is needed.");
  return value;
}
