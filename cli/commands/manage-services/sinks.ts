import { Option, type Command } from "commander";
import { defined, edits, openFolder, runServiceEdit, type EditFlags } from "../../edit-run";
import { assignments } from "../../edit-words";
import { table } from "../../print/table";

/** `sinks list`, `add`, `remove`, `set-database` and `remove-database` */
export function register(parent: Command): void {
  const group = parent.command("sinks").summary("sinks of a service").description("Where the rows of a service go.");
  group
    .command("list")
    .summary("list the sinks of a service")
    .description("Lists the sinks of a service with their databases, as written.\nExit codes: 0 fine, 2 error.")
    .argument("<service>", "name of the service")
    .addHelpText("after", "\nExample:\n  $ cdc manage-services sinks list clinic")
    .action(list);
  edits(
    group.command("add").summary("add a sink"),
    "Adds a sink without tables. Name a database for every environment, unless sink-groups.yaml has them.",
    "cdc manage-services sinks add clinic reports.clinic --database dev=reports_dev prod=reports",
  )
    .argument("<service>", "name of the service")
    .argument("<sink>", "name, as <sink group>.<service>")
    .option("--database <environment=name...>", "database by environment", assignments)
    .option("--application-role <name>", "role that loads and merges")
    .addOption(new Option("--on-delete <what>", "what a delete does to the row").choices(["hard", "soft"]))
    .addOption(new Option("--staging <kind>", "whether staging survives a crash").choices(["logged", "unlogged"]))
    .action(add);
  edits(
    group.command("remove").summary("remove a sink"),
    "Removes a sink. One that has tables is refused, and they are named, unless --cascade.",
    "cdc manage-services sinks remove clinic reports.clinic --cascade",
  )
    .argument("<service>", "name of the service")
    .argument("<sink>", "name of the sink")
    .option("--cascade", "with its tables")
    .action(remove);
  edits(
    group.command("set-database").summary("name the database of an environment"),
    "Sets the database of a sink by environment.",
    "cdc manage-services sinks set-database clinic main.clinic test=clinic_test",
  )
    .argument("<service>", "name of the service")
    .argument("<sink>", "name of the sink")
    .argument("<databases...>", "environment=name", assignments)
    .action(setDatabase);
  edits(
    group.command("remove-database").summary("take an environment off a sink"),
    "Removes the databases of environments.",
    "cdc manage-services sinks remove-database clinic main.clinic test",
  )
    .argument("<service>", "name of the service")
    .argument("<sink>", "name of the sink")
    .argument("<environments...>", "environments")
    .action(removeDatabase);
}

async function list(name: string, _flags: unknown, command: Command): Promise<void> {
  const { context, folder, edits: edit } = await openFolder(command);
  const sinks = edit.describeSinks(edit.openService(folder, name));
  const rows = sinks.map((one) => [one.sink, String(one.tables.length), one.databases.join(", ") || "-"]);
  context.print(sinks, () => (rows.length === 0 ? "no sinks" : table(["SINK", "TABLES", "DATABASES"], rows)));
}

interface AddFlags extends EditFlags {
  readonly database?: Readonly<Record<string, string>>;
  readonly applicationRole?: string;
  readonly onDelete?: string;
  readonly staging?: string;
}

async function add(name: string, sink: string, flags: AddFlags, command: Command): Promise<void> {
  const { database: databases = {}, applicationRole, onDelete, staging } = flags;
  const parts = { databases, ...defined({ applicationRole, onDelete, staging }) };
  await runServiceEdit(command, flags, name, (service, edit) => edit.addSink(service, sink, parts));
}

interface RemoveFlags extends EditFlags {
  readonly cascade?: boolean;
}

async function remove(name: string, wanted: string, flags: RemoveFlags, command: Command): Promise<void> {
  await runServiceEdit(command, flags, name, (service, edit) => {
    const sink = edit.sinkKey(service, wanted);
    const tables = Object.keys(edit.sinkTables(service, sink)).map((key) => `table ${key}`);
    const hint = "Remove its tables as well with --cascade.";
    if (tables.length > 0 && flags.cascade !== true) throw edit.stillUsed(`sink ${sink}`, tables, hint);
    return edit.removeSink(service, sink);
  });
}

async function setDatabase(
  name: string,
  sink: string,
  databases: Readonly<Record<string, string>>,
  flags: EditFlags,
  command: Command,
): Promise<void> {
  await runServiceEdit(command, flags, name, (service, edit) =>
    edit.setDatabases(service, edit.sinkKey(service, sink), databases),
  );
}

async function removeDatabase(
  name: string,
  sink: string,
  environments: readonly string[],
  flags: EditFlags,
  command: Command,
): Promise<void> {
  await runServiceEdit(command, flags, name, (service, edit) =>
    edit.removeDatabases(service, edit.sinkKey(service, sink), environments),
  );
}
