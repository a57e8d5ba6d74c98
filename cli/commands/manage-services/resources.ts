import type { Command } from "commander";
import { openFolder } from "../../edit-run";
import { table } from "../../print/table";

/** `resources list` and `show`: schema YAML of source tables */
export function register(parent: Command): void {
  const group = parent
    .command("resources")
    .summary("schema YAML of the source tables")
    .description("What services/_schemas/<service>/ says of the source, captured or not.");
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
