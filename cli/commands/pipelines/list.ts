import type { Command } from "commander";
import { contextFrom } from "../../context";
import type { PipelineFlags } from "../../pipeline-files";
import { table } from "../../print/table";
import { pipelineOptions } from "./options";

/** `cdc pipelines list` */
export function register(group: Command): void {
  pipelineOptions(group.command("list"))
    .summary("list the documents and the state of their files")
    .description(
      "Lists every document that the configuration asks for, and generated files that nothing asks for any more.\n" +
        "Exit codes: 0 fine, 2 error.",
    )
    .addHelpText("after", "\nExample:\n  $ cdc pipelines list -s dev")
    .action(list);
}

async function list(flags: PipelineFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const { listPipelines, openPipelines } = await import("../../pipeline-files");
  const documents = listPipelines(openPipelines(context, flags));
  context.print(documents, () => {
    if (documents.length === 0) return "no documents";
    return table(
      ["DOCUMENT", "KIND", "BYTES", "FILE"],
      documents.map(({ path, kind, bytes, state }) => [path, kind, String(bytes), state]),
    );
  });
}
