import type { Command } from "commander";
import { contextFrom } from "../../context";
import { EXIT } from "../../exit-code";
import type { PipelineFlags } from "../../pipeline-files";
import { pipelineOptions } from "./options";

/** `cdc pipelines diff` */
export function register(group: Command): void {
  pipelineOptions(group.command("diff"))
    .summary("compare the files with what the configuration asks for")
    .description(
      "Generates the documents in memory and tells which files are missing, changed, or asked for by nothing.\n" +
        "Exit codes: 0 no difference, 1 differences found, 2 error.",
    )
    .addHelpText("after", "\nExample:\n  $ cdc pipelines diff -s prod --json")
    .action(diff);
}

async function diff(flags: PipelineFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const { comparePipelines, openPipelines } = await import("../../pipeline-files");
  const run = openPipelines(context, flags);
  const { missing, changed, orphans, same } = comparePipelines(run);
  if (missing.length + changed.length + orphans.length > 0) context.exitWith(EXIT.changesFound);
  const line = (mark: string, paths: readonly string[]) => paths.map((path) => `${mark} ${run.shown}/${path}`);
  const { paint } = context;
  context.print({ directory: run.shown, missing, changed, orphans, same: same.length }, () => {
    const lines = [
      ...line(paint.green("+ missing"), missing),
      ...line(paint.yellow("~ changed"), changed),
      ...line(paint.red("- orphan "), orphans),
    ];
    return lines.length === 0 ? `no difference in ${String(same.length)} documents` : lines.join("\n");
  });
}
