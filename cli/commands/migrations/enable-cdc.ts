import type { Command } from "commander";
import type { CaptureFlags } from "../../capture/targets";
import { contextFrom } from "../../context";
import { EXIT } from "../../exit-code";
import { withSources } from "./capture-options";

/** `cdc manage-migrations enable-cdc` */
export function register(group: Command): void {
  const command = group
    .command("enable-cdc")
    .summary("turn change data capture on in the source databases")
    .description(
      "Runs sys.sp_cdc_enable_db and sys.sp_cdc_enable_table for every source table that a sink takes, with the columns\n" +
        "that the sinks take. Tables that are tracked already stay as they are. Databases are done in parallel, and one\n" +
        "that fails leaves the others alone. `cdc up` does the same, and also follows changes and takes back what it made.\n" +
        "Exit codes: 0 done or nothing to do, 2 error or something is left, 130 interrupted.",
    )
    .addHelpText(
      "after",
      "\nExample:\n  $ cdc manage-migrations enable-cdc --env nonprod --dry-run\n" +
        "  $ cdc manage-migrations enable-cdc --env nonprod --table Actor",
    );
  withSources(command).action(enable);
}

async function enable(flags: CaptureFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const { captureTargets } = await import("../../capture/targets");
  const { enableCapture } = await import("../../capture/enable");
  const { enabledText } = await import("../../print/capture");
  const { closePools } = await import("../../../databases/sqlserver/pool");
  const { targets } = await captureTargets(context, flags);
  const dryRun = flags.dryRun === true;
  try {
    const databases = await enableCapture(targets, dryRun);
    context.print({ dryRun, databases }, () => enabledText(databases, dryRun));
    const isLeft = databases.some(
      ({ outcome, tables }) =>
        outcome === "failed" || tables.some((one) => one.outcome === "failed" || one.outcome === "lacking"),
    );
    if (isLeft) context.exitWith(EXIT.error);
  } finally {
    closePools();
  }
}
