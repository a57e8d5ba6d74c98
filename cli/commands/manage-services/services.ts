import type { Command } from "commander";
import { confirmed } from "../../ask";
import { contextFrom } from "../../context";
import { edits, openFolder, runEdit, type EditFlags } from "../../edit-run";
import { assignments } from "../../edit-words";
import { counted } from "../../print/nouns";
import { table } from "../../print/table";

/** `list`, `show`, `add` and `remove` of services */
export function register(group: Command): void {
  group
    .command("list")
    .summary("list the services")
    .description("Lists the services with their tables and sinks.\nExit codes: 0 fine, 2 error.")
    .addHelpText("after", "\nExample:\n  $ cdc manage-services list")
    .action(list);
  group
    .command("show")
    .summary("show one service: where each table goes")
    .description(
      "Shows source tables, where they go, and the sinks, as written (variables not put in).\nExit codes: 0 fine, 2 error.",
    )
    .argument("<service>", "name of the service")
    .addHelpText("after", "\nExample:\n  $ cdc manage-services show clinic")
    .action(show);
  edits(
    group.command("add").summary("add a service"),
    "Writes services/<service>.yaml. A service needs a sink to be valid: name it and its databases at once.",
    "cdc manage-services add billing --sink main.billing --database dev=billing_dev prod=billing --table dbo.Invoice",
  )
    .argument("<service>", "name of the service")
    .option("--server-group <name>", "source group, when there are several")
    .option("--reference <source>", "source that inspection reads")
    .option("--sink <name>", "sink, such as main.billing")
    .option("--database <environment=name...>", "its database by environment", assignments)
    .option("--table <schema.table...>", "source tables; each goes to the sink as well")
    .option("--description <text>", "for people")
    .action(add);
  edits(
    group.command("remove").summary("remove a service's file"),
    "Removes services/<service>.yaml. The schema YAML of its tables stays. Asks first, unless --yes.",
    "cdc manage-services remove billing",
  )
    .argument("<service>", "name of the service")
    .action(remove);
}

async function list(_flags: unknown, command: Command): Promise<void> {
  const { context, folder, edits: edit } = await openFolder(command);
  const found = edit.allServices(folder).map((service) => ({
    service: service.name,
    file: service.file,
    ...(service.written.server_group === undefined ? {} : { sourceGroup: service.written.server_group }),
    tables: Object.keys(edit.sourceTables(service)).length,
    sinks: Object.keys(edit.sinksOf(service)),
  }));
  const rows = found.map(({ service, tables, sinks, file }) => [service, String(tables), sinks.join(", "), file]);
  context.print(found, () => (rows.length === 0 ? "no services" : table(["SERVICE", "TABLES", "SINKS", "FILE"], rows)));
}

async function show(name: string, _flags: unknown, command: Command): Promise<void> {
  const { context, folder, edits: edit } = await openFolder(command);
  const service = edit.openService(folder, name);
  const { server_group: sourceGroup, reference, description } = service.written;
  const tables = edit.describeTables(service);
  const sinks = edit.describeSinks(service);
  const shown = { service: name, file: service.file, sourceGroup, reference, description, tables, sinks };
  context.print(shown, () => {
    const head = [`service ${name} (${service.file})`, ...(description === undefined ? [] : [description])];
    const rows = tables.map((one) => [
      one.table,
      one.ignoreColumns.join(", ") || "-",
      one.goesTo.join(", ") || "nowhere",
    ]);
    const places = sinks.map((one) => [one.sink, String(one.tables.length), one.databases.join(", ") || "-"]);
    const parts = [
      rows.length === 0 ? "no tables" : table(["SOURCE TABLE", "IGNORED COLUMNS", "GOES TO"], rows),
      places.length === 0 ? "no sinks" : table(["SINK", "TABLES", "DATABASES"], places),
    ];
    return [head.join("\n"), ...parts].join("\n\n");
  });
}

interface AddFlags extends EditFlags {
  readonly serverGroup?: string;
  readonly reference?: string;
  readonly sink?: string;
  readonly database?: Readonly<Record<string, string>>;
  readonly table?: readonly string[];
  readonly description?: string;
}

async function add(name: string, flags: AddFlags, command: Command): Promise<void> {
  await runEdit(command, flags, (folder, edit) => {
    const { serverGroup, reference, sink, database, description, table: tables = [] } = flags;
    if (sink === undefined && database !== undefined)
      throw edit.refused("--database is about a sink, and there is no --sink", "Name it, such as --sink main.clinic.");
    edit.addService(folder, name, {
      ...(serverGroup === undefined ? {} : { serverGroup }),
      ...(reference === undefined ? {} : { reference }),
      ...(description === undefined ? {} : { description }),
      ...(sink === undefined ? {} : { sink, databases: database ?? {} }),
      tables,
    });
  });
}

async function remove(name: string, flags: EditFlags, command: Command): Promise<void> {
  const { folder, edits: edit } = await openFolder(command);
  const service = edit.openService(folder, name);
  const count = counted(Object.keys(edit.sourceTables(service)).length, "table");
  const question = `Remove ${service.file}, with ${count}?`;
  if (flags.dryRun !== true && !(await confirmed(contextFrom(command), question))) {
    contextFrom(command).note("nothing was removed");
    return;
  }
  await runEdit(command, flags, (edited) => {
    edited.remove(service.file);
    edited.notes.push(...edit.leftoversOf(edited, name));
  });
}
