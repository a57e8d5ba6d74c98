import { Option, type Command } from "commander";
import { defined, edits, runEdit, type EditFlags } from "../../edit-run";

/** `add` and `remove` of sink groups */
export function register(parent: Command): void {
  edits(
    parent.command("add").summary("add a sink group"),
    "Adds a sink group to sink-groups.yaml, and makes the file when there is none.",
    "cdc manage-sink-groups add main --source-group clinics --pattern db-shared",
  )
    .argument("<group>", "name: the part of a sink's name before the dot")
    .option("--source-group <name>", "source group whose rows arrive here")
    .addOption(
      new Option("--pattern <name>", "one database, or one per customer").choices(["db-per-tenant", "db-shared"]),
    )
    .addOption(new Option("--type <kind>", "kind of database").choices(["mssql", "postgres"]))
    .option("--description <text>", "for people")
    .action(add);
  edits(
    parent.command("remove").summary("remove a sink group"),
    "Removes a sink group. One that sinks have their databases from is refused, and said where.",
    "cdc manage-sink-groups remove main",
  )
    .argument("<sink-group>", "name of the group")
    .action(remove);
}

interface AddFlags extends EditFlags {
  readonly sourceGroup?: string;
  readonly pattern?: string;
  readonly type?: string;
  readonly description?: string;
}

async function add(name: string, flags: AddFlags, command: Command): Promise<void> {
  await runEdit(command, flags, (folder, edit) => {
    const { sourceGroup, pattern, type, description } = flags;
    const steps = edit.addSinkGroup(folder, name, defined({ sourceGroup, pattern, type, description }));
    folder.edit(edit.groupFile("sink"), steps);
  });
}

async function remove(name: string, flags: EditFlags, command: Command): Promise<void> {
  await runEdit(command, flags, (folder, edit) => {
    const group = edit.openGroup(folder, "sink", name);
    const uses = edit.usesOfSinkGroup(folder, name);
    if (uses.length > 0) throw edit.stillUsed(`sink group ${name}`, uses, "Name the databases in those sinks first.");
    if (Object.keys(edit.groupsOf(folder, "sink")).length === 1) folder.remove(group.file);
    else folder.edit(group.file, [{ op: "remove", path: [name], whenEmpty: "nothing" }]);
  });
}
