import type { Command } from "commander";
import type { GroupKind } from "../../../config/edit";
import { openFolder } from "../../edit-run";
import { table } from "../../print/table";

/** `list` and `show` of a kind of groups */
export function registerShow(parent: Command, kind: GroupKind): void {
  parent
    .command("list")
    .summary(`list the ${kind} groups`)
    .description(`Lists the groups of ${kind}-groups.yaml.\nExit codes: 0 fine, 2 error.`)
    .addHelpText("after", `\nExample:\n  $ cdc manage-${kind}-groups list`)
    .action((_flags: unknown, command: Command) => list(kind, command));
  parent
    .command("show")
    .summary(`show a ${kind} group: its sources and their databases`)
    .description("Shows a group, as written: no variable is put in.\nExit codes: 0 fine, 2 error.")
    .argument(`[${kind}-group]`, "name of the group, when there are several")
    .addHelpText("after", `\nExample:\n  $ cdc manage-${kind}-groups show`)
    .action((name: string | undefined, _flags: unknown, command: Command) => show(kind, name, command));
}

async function list(kind: GroupKind, command: Command): Promise<void> {
  const { context, folder, edits: edit } = await openFolder(command);
  const groups = Object.entries(edit.groupsOf(folder, kind)).map(([group, written]) => ({
    group,
    pattern: written.pattern,
    description: written.description,
    servers: Object.keys(written.servers ?? {}),
    sources: Object.keys(written.sources ?? {}),
  }));
  const rows = groups.map((one) => [
    one.group,
    one.pattern ?? "-",
    String(one.sources.length),
    one.servers.join(", ") || "-",
  ]);
  context.print(groups, () =>
    rows.length === 0 ? `no ${kind} groups` : table(["GROUP", "PATTERN", "SOURCES", "SERVERS"], rows),
  );
}

async function show(kind: GroupKind, name: string | undefined, command: Command): Promise<void> {
  const { context, folder, edits: edit } = await openFolder(command);
  const group = edit.openGroup(folder, kind, name);
  const { pattern, type, description, source_group: sourceGroup } = group.written;
  const sources = edit.describeSources(group);
  const servers = edit.describeServers(group);
  context.print(
    { group: group.name, file: group.file, pattern, type, description, sourceGroup, servers, sources },
    () => {
      const head = [`${kind} group ${group.name} (${group.file})`, ...(description === undefined ? [] : [description])];
      const rows = sources.flatMap((one) =>
        one.environments.map((place) => [one.source, place.environment, place.database, place.server ?? "-"]),
      );
      const listed = rows.length === 0 ? "no sources" : table(["SOURCE", "ENVIRONMENT", "DATABASE", "SERVER"], rows);
      return `${head.join("\n")}\n\n${listed}`;
    },
  );
}
