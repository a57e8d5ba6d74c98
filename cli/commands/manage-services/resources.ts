import { InvalidArgumentError, type Command } from "commander";
import { contextFrom } from "../../context";
import { openFolder } from "../../edit-run";
import { EXIT } from "../../exit-code";
import type { InspectFlags } from "../../inspect/flags";
import { table } from "../../print/table";

/** `resources --inspect`, `list` and `show`: schema YAML of source tables */
export function register(parent: Command): void {
  const group = parent
    .command("resources")
    .summary("schema YAML of the source tables: inspect SQL Server, list, show")
    .description(
      "What services/_schemas/<service>/ says of the source, captured or not.\n" +
        "--inspect reads the definitions in SQL Server and shows what has changed; --save writes it into the schema\n" +
        "YAML. Comments, order, descriptions and x- keys that are there stay.\n" +
        "Exit codes: 0 nothing to change, or saved; 1 differences, without --save; 2 error (nothing written).",
    );
  inspectOptions(group);
  group
    .command("list")
    .summary("list tables that have schema YAML")
    .description("Lists the tables that can be captured, and those that are.\nExit codes: 0 fine, 2 error.")
    .argument("<service>", "name of the service")
    .addHelpText("after", "\nExample:\n  $ cdc manage-services resources list clinic")
    .action(list);
  group
    .command("show")
    .summary("show the columns of a table's schema YAML")
    .description("Shows the columns of a source table, captured or not.\nExit codes: 0 fine, 2 error.")
    .argument("<service>", "name of the service")
    .argument("<source-table>", "source table")
    .addHelpText("after", "\nExample:\n  $ cdc manage-services resources show clinic dbo.Patient")
    .action(show);
}

function inspectOptions(group: Command): void {
  group
    .option("--inspect", "compare the schema YAML with the tables in SQL Server")
    .option("--service <name>", "only this service")
    .option("--schema <name>", "only tables of this schema")
    .option("--table <name>", "only this table, such as dbo.Actor, in the service or not; repeatable", collected)
    .option("--source <name>", "customer or service whose database is read, instead of the reference")
    .option("--customer <name>", "the same as --source")
    .option("--env <name>", "environment whose database is read, instead of the stack's")
    .option("--save", "write the differences into the schema YAML")
    .option("--all", "list the tables that the database has and the service has not")
    .option("--compare", "compare every customer's database with the reference instead")
    .addHelpText(
      "after",
      "\nExample:\n  $ cdc manage-services resources --inspect --service clinic --save\n" +
        "  $ cdc manage-services resources --inspect --table dbo.Actor --table dbo.Visit\n" +
        "  $ cdc manage-services resources --inspect --compare --json",
    )
    .action(runInspect);
}

function collected(name: string, before: readonly string[] | undefined): readonly string[] {
  if (name.trim() === "") throw new InvalidArgumentError("A table is needed.");
  return [...(before ?? []), name];
}

async function runInspect(flags: InspectFlags & { readonly inspect?: boolean }, command: Command): Promise<void> {
  if (flags.inspect !== true) command.help({ error: true });
  if (flags.compare === true && (flags.save === true || flags.all === true))
    command.error("error: --compare only compares: leave out --save and --all");
  const context = contextFrom(command);
  const { inspect, compare } = await import("../../inspect/run");
  const { comparisonText, inspectionText } = await import("../../inspect/text");
  if (flags.compare === true) {
    const found = await compare(context, flags);
    context.print(found, () => comparisonText(found, context.paint));
    const failed = found.services.some(({ sources }) => sources.some(({ problem }) => problem !== undefined));
    context.exitWith(failed ? EXIT.error : found.changed ? EXIT.changesFound : EXIT.fine);
    return;
  }
  const found = await inspect(context, flags);
  context.print(found, () => inspectionText(found, flags.save === true, context.paint));
  if (found.changed && !found.written) context.exitWith(EXIT.changesFound);
}

async function list(name: string, _flags: unknown, command: Command): Promise<void> {
  const { context, folder, edits: edit } = await openFolder(command);
  const tables = edit.describeSchemas(folder, edit.openService(folder, name));
  const rows = tables.map((one) => [
    one.table,
    String(one.columns),
    one.primaryKey.join(", ") || "-",
    one.captured ? "yes" : "no",
    one.file,
  ]);
  const head = ["TABLE", "COLUMNS", "KEY", "CAPTURED", "FILE"];
  context.print(tables, () => (rows.length === 0 ? "no schema YAML" : table(head, rows)));
}

async function show(name: string, wanted: string, _flags: unknown, command: Command): Promise<void> {
  const { context, folder, edits: edit } = await openFolder(command);
  const { file, columns } = edit.schemaColumns(folder, edit.openService(folder, name), wanted);
  const rows = columns.map((one) => [
    one.name,
    one.type ?? "-",
    one.nullable === false ? "NOT NULL" : "",
    [...(one.primary_key === true ? ["key"] : []), ...(one.computed === true ? ["computed"] : [])].join(", "),
  ]);
  context.print({ file, columns }, () => `${file}\n\n${table(["COLUMN", "TYPE", "NULL", ""], rows)}`);
}
