import type { Command } from "commander";
import * as diff from "./diff";
import * as generate from "./generate";
import * as lint from "./lint";
import * as list from "./list";
import * as prune from "./prune";

const VERBS: readonly { readonly register: (group: Command) => void }[] = [generate, lint, diff, list, prune];

/** `cdc pipelines`, with one file per verb in this folder. */
export function register(program: Command): void {
  const group = program
    .command("pipelines")
    .summary("documents for Redpanda Connect, Bento and Debezium, from the same model as the stack")
    .description(
      "Generates what moves rows through Kafka: source documents (SQL Server into topics) and sink documents (topics\n" +
        "into the staging tables that `cdc up` or migrations make), checks them, and compares them with the files.",
    )
    .addHelpText("after", "\nExample:\n  $ cdc pipelines generate -s dev && cdc pipelines lint -s dev");
  for (const verb of VERBS) verb.register(group);
}
