import type { Command } from "commander";
import { join } from "node:path";
import { contextFrom } from "../../context";
import type { MigrationFlags } from "../../migration-inputs";
import { counted } from "../../print/nouns";

/** `cdc manage-migrations resolve` */
export function register(group: Command): void {
  group
    .command("resolve")
    .summary("take manual files away that are done, or that nobody will do")
    .description(
      "Files in manual/ hold what only a person can decide: dropping a column or a table, a type without conversion.\n" +
        "Once it is done in every database, or decided against, this takes the file and its entry in the manifest away;\n" +
        "the table is applied again. No database is touched.\n" +
        "Exit codes: 0 done, 2 error.",
    )
    .argument("<files...>", "paths of manual files, such as manual/{{SCHEMA}}/Actor-drop-rank.sql")
    .option("--sink <name>", "the sink whose files are meant")
    .option("--migrations-dir <dir>", "folder of the files; default migrations/ beside the configuration")
    .addHelpText("after", "\nExample:\n  $ cdc manage-migrations resolve 'manual/{{SCHEMA}}/Actor-drop-rank.sql'")
    .action(resolve);
}

async function resolve(files: readonly string[], flags: MigrationFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const { migrationFolders } = await import("../../migration-inputs");
  const { sinkFolders, readFolder } = await import("../../../migrations/folder");
  const { resolveManual } = await import("../../../migrations/resolve");
  const { migrations } = migrationFolders(context, flags);
  const all = sinkFolders(migrations).map((name) => join(migrations, name));
  const meant =
    flags.sink === undefined ? all : all.filter((folder) => readFolder(folder).manifest.sink.name === flags.sink);
  const resolved = files.map((file) => resolveManual(meant.length === 0 ? [migrations] : meant, file));
  context.print(resolved, () =>
    resolved
      .map(({ sink, file, left }) => `resolved: ${sink} ${file}; ${counted(left.length, "manual file")} left`)
      .join("\n"),
  );
}
