import type { Command } from "commander";

/** The options that every verb on pipeline documents takes. */
export function pipelineOptions(command: Command): Command {
  return command
    .option("--service <name>", "only this service")
    .option("--environment <name>", "environment, instead of the stack's")
    .option("--output-dir <dir>", "folder of the documents, instead of generated/pipelines beside the configuration");
}
