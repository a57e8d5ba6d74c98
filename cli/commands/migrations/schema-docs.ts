import type { Command } from "commander";
import { contextFrom, type Context } from "../../context";
import { counted } from "../../print/nouns";
import type { SchemaDocs, SchemaDocsFlags } from "../../schema-docs";

/** `cdc manage-migrations schema-docs` */
export function register(group: Command): void {
  group
    .command("schema-docs")
    .summary("document every table and column")
    .description(
      "Writes a Markdown page and a YAML file for every table (where each column comes from, its type at both ends,\n" +
        "what is lost on the way, what it means), with an index and an entity diagram for every service.\n" +
        "The same configuration gives the same bytes; only changed files are written, and pages of tables that are\n" +
        "gone are named and left. Descriptions come from `description:` in the schema YAML and the column templates.\n" +
        "Exit codes: 0 done, 2 error.",
    )
    .option("--service <name>", "only this service")
    .option("--environment <name>", "environment whose customers and values are meant")
    .option("--output-dir <dir>", "where to, instead of generated/schemas beside the configuration")
    .addHelpText("after", "\nExample:\n  $ cdc manage-migrations schema-docs --service clinic")
    .action(schemaDocs);
}

async function schemaDocs(flags: SchemaDocsFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const { writeSchemaDocs } = await import("../../schema-docs");
  const docs = writeSchemaDocs(context, flags);
  context.print(docs, () => text(docs, context));
}

function text({ directory, written, unchanged, orphans }: SchemaDocs, { paint }: Context): string {
  const count = `${counted(written.length, "file")} written, ${String(unchanged)} unchanged in ${directory}`;
  const left = orphans.map(
    (path) => `${paint.yellow("warning:")} no table any more for ${directory}/${path}: remove it`,
  );
  return [...left, count].join("\n");
}
