import type { Command } from "commander";
import { edits, openFolder, runServiceEdit, type EditFlags } from "../../edit-run";
import { assignments } from "../../edit-words";
import { table } from "../../print/table";

/** `columns list`, `map`, `unmap`, `ignore`, `unignore` */
export function register(parent: Command): void {
  const group = parent
    .command("columns")
    .summary("columns: renamed and ignored ones")
    .description("Renamed columns of sink tables, ignored columns of source tables.");
  group
    .command("list")
    .summary("list the columns of a source table and what becomes of them")
    .description(
      "Lists the columns of the schema YAML with their names in each sink table.\nExit codes: 0 fine, 2 error.",
    )
    .argument("<service>", "name of the service")
    .argument("<source-table>", "source table")
    .addHelpText("after", "\nExample:\n  $ cdc manage-services columns list clinic dbo.Staff")
    .action(list);
  edits(
    group.command("map").summary("rename columns in a sink table"),
    "Sets the source columns of sink columns.",
    "cdc manage-services columns map clinic practitioner full_name=FullName title=Title",
  )
    .argument("<service>", "name of the service")
    .argument("<table>", "sink table")
    .argument("<columns...>", "sink=source", assignments)
    .option("--sink <name>", "sink, when the service has several")
    .action(map);
  edits(
    group.command("unmap").summary("give columns their source names back"),
    "Removes renamed columns.",
    "cdc manage-services columns unmap clinic practitioner full_name",
  )
    .argument("<service>", "name of the service")
    .argument("<table>", "sink table")
    .argument("<columns...>", "sink columns")
    .option("--sink <name>", "sink, when the service has several")
    .action(unmap);
  for (const [verb, summary] of [
    ["ignore", "stop capturing columns"],
    ["unignore", "capture columns again"],
  ] as const) {
    edits(
      group.command(verb).summary(summary),
      verb === "ignore" ? "Adds columns to ignore_columns." : "Removes columns from ignore_columns.",
      `cdc manage-services columns ${verb} clinic dbo.Patient NationalId`,
    )
      .argument("<service>", "name of the service")
      .argument("<source-table>", "source table")
      .argument("<columns...>", "source columns")
      .action((...args: [string, string, readonly string[], EditFlags, Command]) => ignore(verb, ...args));
  }
}

async function list(name: string, wanted: string, _flags: unknown, command: Command): Promise<void> {
  const { context, folder, edits: edit } = await openFolder(command);
  const columns = edit.describeColumns(folder, edit.openService(folder, name), wanted);
  const rows = columns.map((one) => [
    one.column,
    one.type,
    one.ignored
      ? "ignored"
      : one.sinkColumns.map((column) => `${column.table}: ${column.name}`).join(", ") || "same name",
  ]);
  context.print(columns, () => table(["COLUMN", "TYPE", "IN THE SINK"], rows));
}

interface SinkFlags extends EditFlags {
  readonly sink?: string;
}

async function map(
  name: string,
  table: string,
  columns: Readonly<Record<string, string>>,
  flags: SinkFlags,
  command: Command,
): Promise<void> {
  await runServiceEdit(command, flags, name, (service, edit) => {
    const sink = edit.sinkKey(service, flags.sink);
    return edit.mapColumns(service, sink, edit.sinkTableKey(service, sink, table), columns);
  });
}

async function unmap(
  name: string,
  table: string,
  columns: readonly string[],
  flags: SinkFlags,
  command: Command,
): Promise<void> {
  await runServiceEdit(command, flags, name, (service, edit) => {
    const sink = edit.sinkKey(service, flags.sink);
    return edit.unmapColumns(service, sink, edit.sinkTableKey(service, sink, table), columns);
  });
}

async function ignore(
  verb: "ignore" | "unignore",
  name: string,
  wanted: string,
  columns: readonly string[],
  flags: EditFlags,
  command: Command,
): Promise<void> {
  await runServiceEdit(command, flags, name, (service, edit) => {
    const steps = verb === "ignore" ? edit.ignoreColumns : edit.unignoreColumns;
    return steps(service, edit.sourceTableKey(service, wanted), columns);
  });
}
