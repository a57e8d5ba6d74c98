import { Option, type Command } from "commander";
import { defined, edits, openFolder, runServiceEdit, type EditFlags } from "../../edit-run";
import { assignments } from "../../edit-words";
import { table } from "../../print/table";

/** `sink-tables list`, `add` and `remove` */
export function register(parent: Command): void {
  const group = parent.command("sink-tables").summary("tables of a sink").description("Tables that are filled.");
  group
    .command("list")
    .summary("list the tables of the sinks")
    .description("Lists the sink tables of a service with what each comes from.\nExit codes: 0 fine, 2 error.")
    .argument("<service>", "name of the service")
    .option("--sink <name>", "only this sink")
    .addHelpText("after", "\nExample:\n  $ cdc manage-services sink-tables list clinic")
    .action(list);
  edits(
    group.command("add").summary("add a table to a sink"),
    "Adds a sink table. {{SCHEMA}}.Name is one per customer (or in the service's schema), schema.Name one shared table.",
    "cdc manage-services sink-tables add clinic '{{SCHEMA}}.practitioner' --from dbo.Staff --map full_name=FullName",
  )
    .argument("<service>", "name of the service")
    .argument("<table>", "sink table, such as '{{SCHEMA}}.Actor'")
    .option("--sink <name>", "sink, when the service has several")
    .option("--from <schema.table>", "source table, when it has another name")
    .option("--target-exists", "the table belongs to somebody else: never altered")
    .option("--map <sink=source...>", "renamed columns", assignments)
    .option("--template <name...>", "column templates")
    .option("--primary-key <column...>", "sink columns of the key, when it is another")
    .addOption(new Option("--on-delete <what>", "what a delete does to the row").choices(["hard", "soft"]))
    .addOption(new Option("--staging <kind>", "whether staging survives a crash").choices(["logged", "unlogged"]))
    .action(add);
  edits(
    group.command("remove").summary("remove tables from a sink"),
    "Removes sink tables from the configuration; the database's tables stay. The source tables stay captured.",
    "cdc manage-services sink-tables remove clinic '{{SCHEMA}}.practitioner'",
  )
    .argument("<service>", "name of the service")
    .argument("<tables...>", "sink tables")
    .option("--sink <name>", "sink, when the service has several")
    .action(remove);
}

interface SinkFlags extends EditFlags {
  readonly sink?: string;
}

async function list(name: string, flags: SinkFlags, command: Command): Promise<void> {
  const { context, folder, edits: edit } = await openFolder(command);
  const service = edit.openService(folder, name);
  const only = flags.sink === undefined ? undefined : edit.sinkKey(service, flags.sink);
  const sinks = edit.describeSinks(service).filter(({ sink }) => only === undefined || sink === only);
  const tables = sinks.flatMap((one) => one.tables.map((inside) => ({ sink: one.sink, ...inside })));
  const rows = tables.map((one) => [
    one.table,
    one.from,
    Object.keys(one.columns).length === 0 ? "-" : String(Object.keys(one.columns).length),
    one.templates.join(", ") || "-",
    one.sink,
  ]);
  const head = ["SINK TABLE", "FROM", "RENAMED", "TEMPLATES", "SINK"];
  context.print(tables, () => (rows.length === 0 ? "no sink tables" : table(head, rows)));
}

interface AddFlags extends SinkFlags {
  readonly from?: string;
  readonly targetExists?: boolean;
  readonly map?: Readonly<Record<string, string>>;
  readonly template?: readonly string[];
  readonly primaryKey?: readonly string[];
  readonly onDelete?: string;
  readonly staging?: string;
}

async function add(name: string, key: string, flags: AddFlags, command: Command): Promise<void> {
  const { from, targetExists, map: columns, template: templates, primaryKey, onDelete, staging } = flags;
  await runServiceEdit(command, flags, name, (service, edit) => {
    const source = from === undefined ? undefined : edit.sourceTableKey(service, from);
    const parts = defined({ from: source, targetExists, columns, templates, primaryKey, onDelete, staging });
    return edit.addSinkTable(service, edit.sinkKey(service, flags.sink), key, parts);
  });
}

async function remove(name: string, tables: readonly string[], flags: SinkFlags, command: Command): Promise<void> {
  await runServiceEdit(command, flags, name, (service, edit) => {
    const sink = edit.sinkKey(service, flags.sink);
    const keys = edit.distinct(tables.map((wanted) => edit.sinkTableKey(service, sink, wanted)));
    return keys.flatMap((key) => edit.removeSinkTable(service, sink, key));
  });
}
