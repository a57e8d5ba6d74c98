import type { Command } from "commander";
import { confirmed } from "../../ask";
import { contextFrom } from "../../context";
import type { PipelineFlags } from "../../pipeline-files";
import { counted } from "../../print/nouns";
import { pipelineOptions } from "./options";

/** `cdc pipelines prune` */
export function register(group: Command): void {
  pipelineOptions(group.command("prune"))
    .summary("remove generated files that nothing asks for any more")
    .description(
      "Lists the generated files of the environment that the configuration no longer asks for, asks, and removes them.\n" +
        "Files that somebody else put there are left alone. Exit codes: 0 done or nothing to do, 2 error.",
    )
    .addHelpText("after", "\nExample:\n  $ cdc pipelines prune -s dev --yes")
    .action(prune);
}

async function prune(flags: PipelineFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const { comparePipelines, openPipelines } = await import("../../pipeline-files");
  const { removeFiles } = await import("../../../pipelines/folder");
  const run = openPipelines(context, flags);
  const { orphans } = comparePipelines(run);
  for (const path of orphans) context.note(`${run.shown}/${path}`);
  const agreed = orphans.length > 0 && (await confirmed(context, `Remove ${counted(orphans.length, "file")}?`));
  if (agreed) removeFiles(run.output, orphans);
  const removed = agreed ? orphans : [];
  context.print({ directory: run.shown, removed, left: agreed ? [] : orphans }, () =>
    orphans.length === 0 ? "nothing to remove" : `${counted(removed.length, "file")} removed`,
  );
}
