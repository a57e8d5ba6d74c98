import type { Command } from "commander";
import * as apply from "./apply";
import * as check from "./check";
import * as cleanCdc from "./clean-cdc";
import * as diff from "./diff";
import * as enableCdc from "./enable-cdc";
import * as generate from "./generate";
import * as resolve from "./resolve";
import * as schemaDocs from "./schema-docs";
import * as status from "./status";

const VERBS: readonly { readonly register: (group: Command) => void }[] = [
  generate,
  diff,
  apply,
  status,
  check,
  resolve,
  schemaDocs,
  enableCdc,
  cleanCdc,
];

/** `cdc manage-migrations`, with one file per verb in this folder. */
export function register(program: Command): void {
  const group = program
    .command("manage-migrations")
    .alias("migrations")
    .summary("reviewed SQL files, from the same model as the stack")
    .description(
      "Generates the SQL of every sink as files to review and commit, tells what a change of the configuration\n" +
        "needs, and applies the files. Files and `cdc up` come from one model: what one made, the other finds.",
    )
    .addHelpText("after", "\nExample:\n  $ cdc manage-migrations generate && cdc manage-migrations apply --env dev");
  for (const verb of VERBS) verb.register(group);
}
