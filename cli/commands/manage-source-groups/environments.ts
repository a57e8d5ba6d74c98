import type { Command } from "commander";
import { defined, edits, runGroupEdit, type EditFlags } from "../../edit-run";
import { assignments } from "../../edit-words";

interface GroupFlags extends EditFlags {
  readonly group?: string;
}

interface SetFlags extends GroupFlags {
  readonly database: string;
  readonly server?: string;
  readonly targetSinkEnv?: string;
  readonly set?: Readonly<Record<string, string>>;
}

/** `environments set` and `remove` of a customer */
export function register(parent: Command): void {
  const group = parent
    .command("environments")
    .summary("environments of a customer")
    .description("Databases of a customer by environment.");
  edits(
    group.command("set").summary("add or change an environment of a customer"),
    "Sets the database of a customer in an environment; other values of the environment stay.",
    "cdc manage-source-groups environments set fjord test --server hospital --database Clinic_Fjord_Test",
  )
    .argument("<customer>", "name of the customer")
    .argument("<environment>", "environment")
    .requiredOption("--database <name>", "name of the database")
    .option("--server <name>", "its server")
    .option("--target-sink-env <environment>", "environment of the sink that it goes to, when that is another")
    .option("--set <key=value...>", "further values, such as customer_id", assignments)
    .option("--group <name>", "source group, when there are several")
    .action(set);
  edits(
    group.command("remove").summary("take an environment off a customer"),
    "Removes an environment of a customer; the customer goes with the last thing said about it.",
    "cdc manage-source-groups environments remove fjord test",
  )
    .argument("<customer>", "name of the customer")
    .argument("<environment>", "environment")
    .option("--group <name>", "source group, when there are several")
    .action(remove);
}

async function set(name: string, environment: string, flags: SetFlags, command: Command): Promise<void> {
  const { database, server, targetSinkEnv: targetSinkEnvironment, set: values } = flags;
  const made = { database, ...defined({ server, targetSinkEnvironment, values }) };
  await runGroupEdit(command, flags, { kind: "source", name: flags.group }, (group, edit) => {
    edit.requireSource(group, name);
    return edit.setDatabase(group, name, environment, made);
  });
}

async function remove(name: string, environment: string, flags: GroupFlags, command: Command): Promise<void> {
  await runGroupEdit(command, flags, { kind: "source", name: flags.group }, (group, edit) => {
    edit.requireSource(group, name);
    return edit.removeEnvironment(group, name, environment);
  });
}
