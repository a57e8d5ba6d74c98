import type { Command } from "commander";
import { defined, edits, openFolder, runEdit, type EditFlags } from "../../edit-run";
import { assignments } from "../../edit-words";
import { table } from "../../print/table";

interface GroupFlags extends EditFlags {
  readonly group?: string;
}

/** `databases list`, `set` and `remove`: those of a service's sink, by environment */
export function register(parent: Command): void {
  const group = parent
    .command("databases")
    .summary("databases of the sinks by environment")
    .description("Databases of the sinks <group>.<service>, for those that do not name their own.");
  group
    .command("list")
    .summary("list the databases")
    .description("Lists the databases of a sink group, as written.\nExit codes: 0 fine, 2 error.")
    .option("--group <name>", "sink group, when there are several")
    .addHelpText("after", "\nExample:\n  $ cdc manage-sink-groups databases list --group main")
    .action(list);
  edits(
    group.command("set").summary("name a service's databases"),
    "Sets the databases of the sink <group>.<service> by environment.",
    "cdc manage-sink-groups databases set main clinic dev=clinic_dev prod=clinic",
  )
    .argument("<sink-group>", "name of the sink group")
    .argument("<service>", "name of the service")
    .argument("<databases...>", "environment=name", assignments)
    .option("--server <name>", "their server")
    .action(set);
  edits(
    group.command("remove").summary("take environments off a service"),
    "Removes the databases of the sink <group>.<service> in environments.",
    "cdc manage-sink-groups databases remove main clinic dev",
  )
    .argument("<sink-group>", "name of the sink group")
    .argument("<service>", "name of the service")
    .argument("<environments...>", "environments")
    .action(remove);
}

async function list(flags: GroupFlags, command: Command): Promise<void> {
  const { context, folder, edits: edit } = await openFolder(command);
  const group = edit.openGroup(folder, "sink", flags.group);
  const databases = edit
    .describeSources(group)
    .flatMap(({ source: service, environments }) =>
      environments.map((place) => ({ group: group.name, service, ...place })),
    );
  const rows = databases.map((one) => [one.service, one.environment, one.database, one.server ?? "-"]);
  context.print(databases, () =>
    rows.length === 0 ? "no databases" : table(["SERVICE", "ENVIRONMENT", "DATABASE", "SERVER"], rows),
  );
}

interface SetFlags extends EditFlags {
  readonly server?: string;
}

async function set(
  name: string,
  service: string,
  databases: Readonly<Record<string, string>>,
  flags: SetFlags,
  command: Command,
): Promise<void> {
  await runEdit(command, flags, (folder, edit) => {
    edit.requireKnown("there is no service", service, edit.serviceFiles(folder));
    for (const [environment, database] of Object.entries(databases)) {
      const group = edit.openGroup(folder, "sink", name);
      const made = { database, ...defined({ server: flags.server }) };
      folder.edit(group.file, edit.setDatabase(group, service, environment, made));
    }
  });
}

async function remove(
  name: string,
  service: string,
  environments: readonly string[],
  flags: EditFlags,
  command: Command,
): Promise<void> {
  await runEdit(command, flags, (folder, edit) => {
    for (const environment of environments) {
      const group = edit.openGroup(folder, "sink", name);
      const known = Object.keys(group.written.sources ?? {});
      edit.requireKnown(`sink group ${group.name} has no databases of service`, service, known);
      folder.edit(group.file, edit.removeEnvironment(group, service, environment));
    }
  });
}
