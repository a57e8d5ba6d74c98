import type { Command } from "commander";
import type { NewEnvironment } from "../../../config/edit";
import { defined, edits, openFolder, runGroupEdit, type EditFlags } from "../../edit-run";
import { assignments } from "../../edit-words";
import { table } from "../../print/table";

type Assigned = Readonly<Record<string, string>>;

interface GroupFlags extends EditFlags {
  readonly group?: string;
}

/** `customers list`, `add` and `remove` */
export function register(parent: Command): void {
  const group = parent
    .command("customers")
    .alias("sources")
    .summary("customers of a group (in db-shared: its services)")
    .description("Sources of a group: customers in db-per-tenant, services in db-shared.");
  group
    .command("list")
    .summary("list the customers with their databases")
    .description("Lists the customers of a group.\nExit codes: 0 fine, 2 error.")
    .option("--group <name>", "source group, when there are several")
    .addHelpText("after", "\nExample:\n  $ cdc manage-source-groups customers list --json")
    .action(list);
  edits(
    group.command("add").summary("add a customer"),
    "Adds a customer with its database in each environment, written like the customers before.",
    "cdc manage-source-groups customers add north --server hospital --database dev=North_Dev prod=North --set customer_id=42",
  )
    .argument("<customer>", "name of the customer: of its sink schema as well")
    .requiredOption("--database <environment=name...>", "database by environment", assignments)
    .option("--server <name>", "server of these databases")
    .option("--schemas <name...>", "source schemas")
    .option("--set <key=value...>", "further values, such as customer_id", assignments)
    .option("--group <name>", "source group, when there are several")
    .action(add);
  edits(
    group.command("remove").summary("remove a customer"),
    "Removes a customer from the configuration; its databases and its sink schema stay. One that services name is refused.",
    "cdc manage-source-groups customers remove north",
  )
    .argument("<customer>", "name of the customer")
    .option("--group <name>", "source group, when there are several")
    .action(remove);
}

async function list(flags: GroupFlags, command: Command): Promise<void> {
  const { context, folder, edits: edit } = await openFolder(command);
  const sources = edit.describeSources(edit.openGroup(folder, "source", flags.group));
  const rows = sources.map((one) => [
    one.source,
    one.environments.map(({ environment, database }) => `${environment}=${database}`).join(", ") || "-",
    Object.entries(one.values)
      .map(([key, value]) => `${key}=${String(value)}`)
      .join(", ") || "-",
  ]);
  context.print(sources, () => (rows.length === 0 ? "no customers" : table(["CUSTOMER", "DATABASES", "VALUES"], rows)));
}

interface AddFlags extends GroupFlags {
  readonly database: Assigned;
  readonly server?: string;
  readonly schemas?: readonly string[];
  readonly set?: Assigned;
}

async function add(name: string, flags: AddFlags, command: Command): Promise<void> {
  const places = Object.entries(flags.database).map(([environment, database]): [string, NewEnvironment] => {
    return [environment, { database, ...defined({ server: flags.server }) }];
  });
  const parts = defined({ schemas: flags.schemas, values: flags.set });
  await runGroupEdit(command, flags, { kind: "source", name: flags.group }, (group, edit) =>
    edit.addSource(group, name, { ...parts, environments: Object.fromEntries(places) }),
  );
}

async function remove(name: string, flags: GroupFlags, command: Command): Promise<void> {
  await runGroupEdit(command, flags, { kind: "source", name: flags.group }, (group, edit, folder) => {
    edit.requireSource(group, name);
    const uses = edit.usesOfSource(folder, name);
    if (uses.length > 0) throw edit.stillUsed(`customer ${name}`, uses, "Change those first.");
    return edit.removeSource(group, name);
  });
}
