import type { Command } from "commander";
import { edits, openFolder, runServiceEdit, type EditFlags } from "../../edit-run";
import { table } from "../../print/table";

/** `tables list`, `add` and `remove`: source tables */
export function register(parent: Command): void {
  const group = parent.command("tables").summary("source tables of a service").description("Tables that are captured.");
  group
    .command("list")
    .summary("list source tables and where they go")
    .description("Lists the source tables of a service.\nExit codes: 0 fine, 2 error.")
    .argument("<service>", "name of the service")
    .addHelpText("after", "\nExample:\n  $ cdc manage-services tables list clinic --json")
    .action(list);
  edits(
    group.command("add").summary("capture tables"),
    "Adds source tables, and with --sink a sink table for each. A table needs its schema YAML first:\n" +
      "services/_schemas/<service>/<schema>/<Table>.yaml, see docs/configuration-edits.md.",
    "cdc manage-services tables add clinic dbo.Patient dbo.Visit --sink main.clinic --template customer_id",
  )
    .argument("<service>", "name of the service")
    .argument("<source-tables...>", "source tables, as schema.table")
    .option("--primary-key <column...>", "columns of a unique index, when the table has no primary key")
    .option("--ignore-columns <column...>", "columns that are not captured")
    .option("--include-columns <column...>", "only these are captured")
    .option("--sink <name...>", "sinks that get a table of the same name")
    .option("--template <name...>", "column templates of the sink tables")
    .action(add);
  edits(
    group.command("remove").summary("stop capturing tables"),
    "Removes source tables. Those that sinks still need are refused, and said where, unless --cascade. Schema YAML stays.",
    "cdc manage-services tables remove clinic dbo.Visit --cascade --dry-run",
  )
    .argument("<service>", "name of the service")
    .argument("<source-tables...>", "source tables, as schema.table")
    .option("--cascade", "remove the sink tables that come from them as well")
    .action(remove);
}

async function list(name: string, _flags: unknown, command: Command): Promise<void> {
  const { context, folder, edits: edit } = await openFolder(command);
  const tables = edit.describeTables(edit.openService(folder, name));
  const rows = tables.map((one) => [
    one.table,
    one.primaryKey.join(", ") || "-",
    one.ignoreColumns.join(", ") || "-",
    one.goesTo.join(", ") || "nowhere",
  ]);
  const head = ["SOURCE TABLE", "KEY", "IGNORED COLUMNS", "GOES TO"];
  context.print(tables, () => (rows.length === 0 ? "no tables" : table(head, rows)));
}

interface AddFlags extends EditFlags {
  readonly primaryKey?: readonly string[];
  readonly ignoreColumns?: readonly string[];
  readonly includeColumns?: readonly string[];
  readonly sink?: readonly string[];
  readonly template?: readonly string[];
}

async function add(name: string, tables: readonly string[], flags: AddFlags, command: Command): Promise<void> {
  const {
    sink: sinks = [],
    template: templates = [],
    primaryKey = [],
    ignoreColumns = [],
    includeColumns = [],
  } = flags;
  await runServiceEdit(command, flags, name, (service, edit) =>
    edit.distinct(tables).flatMap((key) => {
      const sinkTables = edit.distinct(sinks).flatMap((wanted) => {
        const sink = edit.sinkKey(service, wanted);
        if (edit.usesOfSourceTable(service, key).some((use) => use.sink === sink)) return [];
        const from = edit.needsFrom(service, key) ? { from: key } : {};
        return edit.addSinkTable(service, sink, edit.newSinkTableKey(service, sink, key), { ...from, templates });
      });
      return [...edit.addSourceTable(service, key, { primaryKey, ignoreColumns, includeColumns }), ...sinkTables];
    }),
  );
}

interface RemoveFlags extends EditFlags {
  readonly cascade?: boolean;
}

async function remove(name: string, tables: readonly string[], flags: RemoveFlags, command: Command): Promise<void> {
  await runServiceEdit(command, flags, name, (service, edit) => {
    const keys = edit.distinct(tables.map((wanted) => edit.sourceTableKey(service, wanted)));
    return keys.flatMap((key) => {
      const uses = edit.usesOfSourceTable(service, key);
      const places = uses.map((use) => `${service.file}: table ${use.table} of sink ${use.sink}`);
      const hint = "Remove those first (sink-tables remove), or all with --cascade.";
      if (uses.length > 0 && flags.cascade !== true) throw edit.stillUsed(`source table ${key}`, places, hint);
      const sinkTables = uses.flatMap((use) => edit.removeSinkTable(service, use.sink, use.table));
      return [...sinkTables, ...edit.removeSourceTable(service, key)];
    });
  });
}
