import { Option, type Command } from "commander";
import { defined, edits, openFolder, runEdit, runServiceEdit, type EditFlags } from "../../edit-run";
import { table } from "../../print/table";

/** `templates list`, `show`, `add`, `remove`, `attach`, `detach` */
export function register(parent: Command): void {
  const group = parent
    .command("templates")
    .summary("column templates")
    .description("Columns that sink tables can be given, in services/_schemas/column-templates.yaml.");
  group
    .command("list")
    .summary("list the column templates")
    .description("Lists the column templates with how many tables use them.\nExit codes: 0 fine, 2 error.")
    .addHelpText("after", "\nExample:\n  $ cdc manage-services templates list")
    .action(list);
  group
    .command("show")
    .summary("show a column template and where it is used")
    .description("Shows a column template, as written, and the tables that use it.\nExit codes: 0 fine, 2 error.")
    .argument("<template>", "name of the template")
    .addHelpText("after", "\nExample:\n  $ cdc manage-services templates show customer_id")
    .action(show);
  addVerb(group);
  edits(
    group.command("remove").summary("remove a column template"),
    "Removes a column template. One that tables still use is refused, and said where, unless --cascade.",
    "cdc manage-services templates remove first_seen",
  )
    .argument("<template>", "name of the template")
    .option("--cascade", "detach it from those tables")
    .action(remove);
  for (const verb of ["attach", "detach"] as const) attachVerb(group, verb);
}

function addVerb(group: Command): void {
  edits(
    group.command("add").summary("add a column template"),
    "Adds a column template.",
    "cdc manage-services templates add first_seen --column _first_seen --type timestamptz --default 'now()' --not-null",
  )
    .argument("<template>", "name of the template")
    .requiredOption("--column <name>", "name of the column")
    .requiredOption("--type <type>", "PostgreSQL type, such as uuid")
    .option("--not-null", "the column is NOT NULL")
    .option("--value <text>", "a text, ${VARIABLE}, {group.sources.*.key}, or an expression")
    .addOption(
      new Option("--value-source <kind>", "how the value is read").choices([
        "literal",
        "env",
        "source_ref",
        "sql",
        "bloblang",
      ]),
    )
    .option("--default <sql>", "DEFAULT expression in SQL")
    .option("--applies-to <pattern>", "tables that get it by themselves, with * for any characters")
    .option("--description <text>", "for people")
    .action(add);
}

function attachVerb(group: Command, verb: "attach" | "detach"): void {
  const attaches = verb === "attach";
  const command = edits(
    group.command(verb).summary(attaches ? "give sink tables a template's column" : "take a template's column away"),
    attaches ? "Adds a column template to sink tables." : "Removes a column template from sink tables.",
    `cdc manage-services templates ${verb} customer_id clinic Patient Visit`,
  )
    .argument("<template>", "name of the template")
    .argument("<service>", "name of the service")
    .argument("<tables...>", "sink tables")
    .option("--sink <name>", "sink, when the service has several");
  if (attaches)
    command.option("--name <column>", "column name here, when it is another").option("--value <text>", "value here");
  command.action((...args: [string, string, readonly string[], AttachFlags, Command]) => attach(verb, ...args));
}

async function list(_flags: unknown, command: Command): Promise<void> {
  const { context, folder, edits: edit } = await openFolder(command);
  const found = [...edit.writtenTemplates(folder)].map(([template, { file, written }]) => {
    return { template, file, ...written, tables: edit.usesOfTemplate(folder, template).length };
  });
  const rows = found.map(({ template, name, type, tables }) => [template, name, type, String(tables)]);
  context.print(found, () =>
    rows.length === 0 ? "no column templates" : table(["TEMPLATE", "COLUMN", "TYPE", "TABLES"], rows),
  );
}

async function show(key: string, _flags: unknown, command: Command): Promise<void> {
  const { context, folder, edits: edit } = await openFolder(command);
  const templates = edit.writtenTemplates(folder);
  const found = templates.get(key);
  if (found === undefined) throw edit.unknownName("there is no column template", key, [...templates.keys()]);
  const usedBy = edit
    .usesOfTemplate(folder, key)
    .map(({ service, sink, table: one }) => ({ service: service.name, sink, table: one }));
  context.print({ template: key, file: found.file, ...found.written, usedBy }, () => {
    const parts = Object.entries(found.written).map(([name, value]) => `  ${name}: ${String(value)}`);
    const uses = usedBy.map(({ service, sink, table: one }) => `  ${service}: ${one} of sink ${sink}`);
    return [
      `column template ${key} (${found.file})`,
      ...parts,
      uses.length === 0 ? "not used" : "used by",
      ...uses,
    ].join("\n");
  });
}

interface AddFlags extends EditFlags {
  readonly column: string;
  readonly type: string;
  readonly notNull?: boolean;
  readonly value?: string;
  readonly valueSource?: "literal" | "env" | "source_ref" | "sql" | "bloblang";
  readonly default?: string;
  readonly appliesTo?: string;
  readonly description?: string;
}

async function add(key: string, flags: AddFlags, command: Command): Promise<void> {
  await runEdit(command, flags, (folder, edit) => {
    const { column: name, type, notNull, description, value, valueSource, default: expression, appliesTo } = flags;
    const optional = {
      not_null: notNull,
      description,
      value,
      value_source: valueSource,
      default: expression,
      applies_to: appliesTo,
    };
    folder.edit(edit.templateFile(folder), edit.addTemplate(folder, key, { name, type, ...defined(optional) }));
  });
}

interface RemoveFlags extends EditFlags {
  readonly cascade?: boolean;
}

async function remove(key: string, flags: RemoveFlags, command: Command): Promise<void> {
  await runEdit(command, flags, (folder, edit) => {
    const templates = edit.writtenTemplates(folder);
    const found = templates.get(key);
    if (found === undefined) throw edit.unknownName("there is no column template", key, [...templates.keys()]);
    const uses = edit.usesOfTemplate(folder, key);
    const places = uses.map(({ service, sink, table: one }) => `${service.file}: table ${one} of sink ${sink}`);
    if (uses.length > 0 && flags.cascade !== true)
      throw edit.stillUsed(`column template ${key}`, places, "Detach it there first, or everywhere with --cascade.");
    for (const { service, sink, table: one } of uses)
      folder.edit(service.file, edit.detachTemplate(service, sink, one, key));
    const steps = edit.removeTemplate(key);
    folder.edit(found.file, steps);
  });
}

interface AttachFlags extends EditFlags {
  readonly sink?: string;
  readonly name?: string;
  readonly value?: string;
}

async function attach(
  verb: "attach" | "detach",
  key: string,
  name: string,
  tables: readonly string[],
  flags: AttachFlags,
  command: Command,
): Promise<void> {
  const own = defined({ name: flags.name, value: flags.value });
  await runServiceEdit(command, flags, name, (service, edit, folder) => {
    const attaches = verb === "attach";
    if (attaches) edit.requireKnown("there is no column template", key, [...edit.writtenTemplates(folder).keys()]);
    const sink = edit.sinkKey(service, flags.sink);
    const keys = edit.distinct(tables.map((wanted) => edit.sinkTableKey(service, sink, wanted)));
    return keys.flatMap((table) =>
      attaches ? edit.attachTemplate(service, sink, table, key, own) : edit.detachTemplate(service, sink, table, key),
    );
  });
}
