import type { Command } from "commander";
import { addValidate } from "../validate";
import * as columns from "./columns";
import * as resources from "./resources";
import * as services from "./services";
import * as sinkTables from "./sink-tables";
import * as sinks from "./sinks";
import * as tables from "./tables";
import * as templates from "./templates";

/** `cdc manage-services …` */
export function register(program: Command): void {
  const group = program
    .command("manage-services")
    .alias("ms")
    .summary("list and edit services: tables, sinks, columns, column templates")
    .description(
      "Edits services/<service>.yaml and column-templates.yaml in place: comments, order, quotes and blank lines stay.\n" +
        "A change is written only when the configuration is valid after it, for every stack.",
    )
    .addHelpText(
      "after",
      "\nExample:\n  $ cdc manage-services tables add clinic dbo.Patient --sink main.clinic --dry-run",
    );
  for (const noun of [services, tables, sinks, sinkTables, columns, templates, resources]) noun.register(group);
  addValidate(group).addHelpText("after", "\nExample:\n  $ cdc manage-services validate --service clinic");
}
