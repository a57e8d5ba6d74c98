import type { Command } from "commander";
import { contextFrom, type Context } from "../../context";
import { EXIT } from "../../exit-code";
import type { PipelineFlags } from "../../pipeline-files";
import type { LintedPipelines } from "../../pipeline-lint";
import { counted } from "../../print/nouns";
import { pipelineOptions } from "./options";

/** `cdc pipelines lint` */
export function register(group: Command): void {
  pipelineOptions(group.command("lint"))
    .summary("check the files: syntax, Bloblang, names, secrets")
    .description(
      "Parses every document's file, checks Bloblang (brackets, functions, columns that the table has), that staging\n" +
        "tables and columns are those of the model, that topics are valid and no secret stands there in clear. Then runs\n" +
        "`bento lint` and `rpk connect lint` (or `redpanda-connect lint`) where they are on PATH.\n" +
        "Exit codes: 0 no problem, 2 problems or error.",
    )
    .option("--no-external", "do not run bento or rpk")
    .addHelpText("after", "\nExample:\n  $ cdc pipelines lint -s prod")
    .action(lint);
}

async function lint(flags: PipelineFlags & { readonly external: boolean }, command: Command): Promise<void> {
  const context = contextFrom(command);
  const { lintPipelines } = await import("../../pipeline-lint");
  const linted = await lintPipelines(context, flags);
  if (linted.problems.length > 0) context.exitWith(EXIT.error);
  context.print(linted, () => text(linted, context));
}

function text({ directory, documents, problems, tools }: LintedPipelines, { paint }: Context): string {
  const lines = problems.map(({ path, line, text: words }) => {
    const place = line === undefined ? path : `${path}:${String(line)}`;
    return `${paint.red("error:")} ${place}: ${words}`;
  });
  const ran =
    tools.length === 0 ? "our rules; no bento, rpk or redpanda-connect on PATH" : `our rules, ${tools.join(", ")}`;
  const verdict = `${counted(problems.length, "problem")} in ${counted(documents, "document")} of ${directory} (${ran})`;
  return [...lines, verdict].join("\n");
}
