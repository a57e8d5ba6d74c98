import type { Command } from "commander";
import type { GroupKind } from "../../../config/edit";
import { defined, edits, openFolder, runGroupEdit, type EditFlags } from "../../edit-run";
import { table } from "../../print/table";

interface GroupFlags extends EditFlags {
  readonly group?: string;
}

interface AddFlags extends GroupFlags {
  readonly host?: string;
  readonly port?: string;
  readonly user?: string;
  readonly password?: string;
  readonly kafka?: string;
}

/** `servers list`, `add` and `remove` of a kind of groups */
export function registerServers(parent: Command, kind: GroupKind): void {
  const group = parent.command("servers").summary("servers of a group").description("Database servers of a group.");
  group
    .command("list")
    .summary("list the servers")
    .description("Lists the servers of a group, as written: no variable is put in.\nExit codes: 0 fine, 2 error.")
    .option("--group <name>", `${kind} group, when there are several`)
    .addHelpText("after", `\nExample:\n  $ cdc manage-${kind}-groups servers list`)
    .action((flags: GroupFlags, command: Command) => list(kind, flags, command));
  edits(
    group.command("add").summary("add a server"),
    "Adds a server. A password is given as the variable that holds it, never itself.",
    `cdc manage-${kind}-groups servers add second --host db2.example.com --user cdc --password '\${DB2_PASSWORD}'`,
  )
    .argument("<server>", "name of the server")
    .option("--group <name>", `${kind} group, when there are several`)
    .option("--host <name>", "host name or address, or a ${VARIABLE}")
    .option("--port <number>", "port, or a ${VARIABLE}")
    .option("--user <name>", "login, or a ${VARIABLE}")
    .option("--password <variable>", "variable that holds the password, as ${VARIABLE}")
    .option("--kafka <servers>", "Kafka of this server, when each has its own")
    .action((name: string, flags: AddFlags, command: Command) => add(kind, name, flags, command));
  edits(
    group.command("remove").summary("remove a server"),
    "Removes a server. One that environments still use is refused, and said where.",
    `cdc manage-${kind}-groups servers remove second`,
  )
    .argument("<server>", "name of the server")
    .option("--group <name>", `${kind} group, when there are several`)
    .action((name: string, flags: GroupFlags, command: Command) => remove(kind, name, flags, command));
}

async function list(kind: GroupKind, flags: GroupFlags, command: Command): Promise<void> {
  const { context, folder, edits: edit } = await openFolder(command);
  const servers = edit.describeServers(edit.openGroup(folder, kind, flags.group));
  const rows = servers.map((one) => [one.server, one.host, one.port, one.user, String(one.environments)]);
  const head = ["SERVER", "HOST", "PORT", "USER", "USED BY"];
  context.print(servers, () => (rows.length === 0 ? "no servers" : table(head, rows)));
}

async function add(kind: GroupKind, name: string, flags: AddFlags, command: Command): Promise<void> {
  const { host, port, user, password, kafka } = flags;
  const number = port !== undefined && /^\d+$/.test(port) ? Number(port) : port;
  const server = defined({ host, port: number, user, password, kafka_bootstrap_servers: kafka });
  await runGroupEdit(command, flags, { kind, name: flags.group }, (group, edit) => edit.addServer(group, name, server));
}

async function remove(kind: GroupKind, name: string, flags: GroupFlags, command: Command): Promise<void> {
  await runGroupEdit(command, flags, { kind, name: flags.group }, (group, edit) => {
    const known = Object.keys(group.written.servers ?? {});
    edit.requireKnown(`${kind} group ${group.name} has no server`, name, known);
    const uses = edit.usesOfServer(group, name);
    if (uses.length > 0) throw edit.stillUsed(`server ${name}`, uses, "Move those to another server first.");
    return edit.removeServer(group, name);
  });
}
