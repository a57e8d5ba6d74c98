import type { Command } from "commander";
import { relative } from "node:path";
import type { GeneratedSink } from "../../../migrations/generate/generate";
import { CdcError } from "../../../lib/errors";
import { contextFrom, type Context } from "../../context";
import type { MigrationFlags } from "../../migration-inputs";
import { counted } from "../../print/nouns";

interface GenerateFlags extends MigrationFlags {
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

/** `cdc manage-migrations generate` */
export function register(group: Command): void {
  group
    .command("generate")
    .summary("write the SQL files that the configuration wants")
    .description(
      "Writes migrations/<sink>/ and generated/table-definitions/ from the configuration, for all environments and\n" +
        "customers at once. What a table was before is read from its files: a change of it becomes a step in 02-changes/,\n" +
        "what loses values or can't be done becomes a file in manual/. Only files that differ are written.\n" +
        "Exit codes: 0 the files are as wanted, 2 error (a file was edited by hand, a rename is unclear).",
    )
    .option("--service <name>", "only this service")
    .option("--sink <name>", "only this sink")
    .option("--table <name>", "only this table; everything else stays as it is")
    .option("--migrations-dir <dir>", "folder of the files; default migrations/ beside the configuration")
    .option("--dry-run", "write nothing, tell what would be written")
    .option("--force", "write over files that were edited by hand; an edited step is taken as it is")
    .addHelpText("after", "\nExample:\n  $ cdc manage-migrations generate --table Actor --dry-run")
    .action(generateFiles);
}

async function generateFiles(flags: GenerateFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const { migrationInputs } = await import("../../migration-inputs");
  const { generate } = await import("../../../migrations/generate/generate");
  const { services, migrations, definitions, everyService } = migrationInputs(context, flags);
  const { service: _service, migrationsDir: _directory, ...options } = flags;
  const sinks = await asking(context, () => generate(services, { ...options, migrations, definitions, everyService }));
  context.print({ dryRun: flags.dryRun === true, sinks }, () =>
    sinks.map((sink) => text(sink, flags, context)).join("\n"),
  );
}

/** Puts the question of a rename as previews put it. */
async function asking<T>(context: Context, work: () => T): Promise<T> {
  try {
    return work();
  } catch (error) {
    if (context.options.json || !(error instanceof CdcError) || error.code !== "CDC_RENAME_UNCLEAR") throw error;
    const { Questions } = await import("../../print/questions");
    const questions = new Questions();
    questions.take(error.message);
    const lines = [
      "only you know whether a column was renamed; nothing was written",
      ...questions.lines(context.paint),
    ];
    throw new CdcError(error.code, lines.join("\n"), { cause: error });
  }
}

function text(sink: GeneratedSink, { dryRun = false }: GenerateFlags, { paint, io }: Context): string {
  const { written, removed, steps, manual, tablesRemoved, definitions } = sink;
  const verb = dryRun ? "would write" : "wrote";
  const folder = relative(io.cwd, sink.directory);
  const idle = written.length === 0 && removed.length === 0;
  const head = idle
    ? `${paint.green("unchanged:")} ${sink.sink}, ${counted(sink.tables, "table")} in ${folder}`
    : `${paint.green(`${sink.sink}:`)} ${verb} ${counted(written.length, "file")} in ${folder}, ${String(sink.unchanged)} unchanged`;
  return [
    head,
    ...steps.map((file) => `  ${paint.cyan("step")}    ${file}`),
    ...removed.map((file) => `  ${paint.dim("removed")} ${file}`),
    ...tablesRemoved.map(
      (table) => `  ${paint.yellow("warning:")} table ${table} is no longer wanted; it is kept, see manual/`,
    ),
    ...manual.map((file) => `  ${paint.yellow("manual")}  ${file}`),
    ...(definitions.length === 0 ? [] : [`  ${verb} ${counted(definitions.length, "table definition")}`]),
  ].join("\n");
}
