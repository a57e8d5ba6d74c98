import type { Command } from "commander";
import { registerServers } from "../groups/servers";
import { registerShow } from "../groups/show";
import { addValidate } from "../validate";
import * as customers from "./customers";
import * as environments from "./environments";

/** `cdc manage-source-groups …` */
export function register(program: Command): void {
  const group = program
    .command("manage-source-groups")
    .alias("msog")
    .summary("list and edit source groups: customers, environments, servers")
    .description(
      "Edits source-groups.yaml in place: comments, order, quotes and blank lines stay.\n" +
        "A change is written only when the configuration is valid after it, for every stack.",
    )
    .addHelpText("after", "\nExample:\n  $ cdc manage-source-groups customers list");
  registerShow(group, "source");
  customers.register(group);
  environments.register(group);
  registerServers(group, "source");
  addValidate(group).addHelpText("after", "\nExample:\n  $ cdc manage-source-groups validate -s prod");
}
