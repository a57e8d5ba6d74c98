import type { Command } from "commander";
import { contextFrom, type Context } from "../../context";
import type { GeneratedPipelines, PipelineFlags } from "../../pipeline-files";
import { counted } from "../../print/nouns";
import { pipelineOptions } from "./options";

/** `cdc pipelines generate` */
export function register(group: Command): void {
  pipelineOptions(group.command("generate"))
    .summary("write the source and sink documents")
    .description(
      "Writes the documents of an environment: per source database one for Redpanda Connect and one for Debezium, per\n" +
        "sink (in db-per-tenant per customer) one for Redpanda Connect and Bento and one for Kafka Connect. The same\n" +
        "configuration gives the same bytes; only changed files are written. Secrets stay variables of the runtime.\n" +
        "A template in templates/pipelines/<service>/<name> of the project wins over the package's.\n" +
        "Exit codes: 0 done, 2 error.",
    )
    .option("--dry-run", "write nothing, tell what would be written")
    .addHelpText("after", "\nExample:\n  $ cdc pipelines generate -s prod --service clinic")
    .action(generate);
}

async function generate(flags: PipelineFlags & { readonly dryRun?: boolean }, command: Command): Promise<void> {
  const context = contextFrom(command);
  const { generatePipelines } = await import("../../pipeline-files");
  const done = generatePipelines(context, flags);
  context.print(done, () => text(done, flags.dryRun === true, context));
}

function text(done: GeneratedPipelines, dry: boolean, { paint }: Context): string {
  const { directory, documents, bytes, missing, changed, orphans } = done;
  const verb = dry ? "to write" : "written";
  const paths = [...missing, ...changed].map((path) => `${directory}/${path}`);
  const left = orphans.map(
    (path) => `${paint.yellow("warning:")} nothing asks for ${directory}/${path}: cdc pipelines prune`,
  );
  const size = `${(bytes / 1_000_000).toFixed(1)} MB`;
  const count = `${counted(paths.length, "document")} ${verb}, ${String(documents - paths.length)} unchanged, ${size} in ${directory}`;
  return [...(dry ? paths : []), ...left, count].join("\n");
}
