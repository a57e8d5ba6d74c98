import type { Command } from "commander";
import { registerServers } from "../groups/servers";
import { registerShow } from "../groups/show";
import { addValidate } from "../validate";
import * as databases from "./databases";
import * as sinkGroups from "./sink-groups";

/** `cdc manage-sink-groups …` */
export function register(program: Command): void {
  const group = program
    .command("manage-sink-groups")
    .alias("msig")
    .summary("list and edit sink groups: databases of the sinks, servers")
    .description(
      "Edits sink-groups.yaml in place, which names databases for sinks that do not name their own: comments, order,\n" +
        "quotes and blank lines stay. A change is written only when the configuration is valid after it, for every stack.",
    )
    .addHelpText("after", "\nExample:\n  $ cdc manage-sink-groups databases set main clinic dev=clinic_dev");
  registerShow(group, "sink");
  sinkGroups.register(group);
  databases.register(group);
  registerServers(group, "sink");
  addValidate(group).addHelpText("after", "\nExample:\n  $ cdc manage-sink-groups validate -s prod");
}
