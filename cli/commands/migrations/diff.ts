import type { Command } from "commander";
import { resolve } from "node:path";
import { describeHazard } from "../../../model/hazard";
import type { FileChange } from "../../../migrations/diff/file-change";
import { CdcError } from "../../../lib/errors";
import { contextFrom, type Context } from "../../context";
import { EXIT } from "../../exit-code";
import type { MigrationFlags } from "../../migration-inputs";
import type { Paint } from "../../print/paint";
import { counted } from "../../print/nouns";
import { compareWithDatabases } from "./check";

interface DiffFlags extends MigrationFlags {
  readonly env?: string;
  readonly sarif?: string;
}

/** `cdc manage-migrations diff` */
export function register(group: Command): void {
  group
    .command("diff")
    .summary("what the configuration changes against the files, or the databases")
    .description(
      "Compares the configuration with the generated files and tells what `generate` would change, column by column,\n" +
        "with what each change locks, rewrites or loses. With --env it compares the files with the live databases\n" +
        "of that environment instead (drift), as `check` does. Writes nothing but the SARIF file.\n" +
        "Exit codes: 0 no difference, 1 differences, 2 error.",
    )
    .option("--service <name>", "only this service")
    .option("--sink <name>", "only this sink")
    .option("--table <name>", "only this table")
    .option("--env <name>", "compare the files with the databases of this environment")
    .option("--migrations-dir <dir>", "folder of the files; default migrations/ beside the configuration")
    .option("--sarif <file>", "also write the differences as SARIF 2.1.0, for annotations on a pull request")
    .addHelpText("after", "\nExample:\n  $ cdc manage-migrations diff --sarif diff.sarif")
    .action(diff);
}

async function diff(flags: DiffFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  if (flags.env !== undefined) return compareWithDatabases(context, wholeSinks(flags));
  const { migrationInputs } = await import("../../migration-inputs");
  const { diffFiles } = await import("../../../migrations/diff/diff-files");
  const inputs = migrationInputs(context, flags);
  const changes = diffFiles(inputs.services, {
    ...flags,
    migrations: inputs.migrations,
    everyService: inputs.everyService,
  });
  if (flags.sarif !== undefined) await writeSarif(changes, flags.sarif, context, inputs);
  context.print({ changes, differences: changes.length }, () => text(changes, context.paint));
  if (changes.length > 0) context.exitWith(EXIT.changesFound);
}

/** A database is compared with all files of a sink. */
function wholeSinks(flags: DiffFlags): DiffFlags {
  const { service, table, sarif } = flags;
  const given = Object.entries({ service, table, sarif }).filter(([, value]) => value !== undefined);
  const [name] = given.map(([flag]) => flag);
  if (name === undefined) return flags;
  throw new CdcError(
    "CDC_FLAGS",
    `--${name} doesn't go with --env, which compares whole databases with all their files`,
    {
      hint: `Leave --${name} out, or choose a sink with --sink.`,
    },
  );
}

async function writeSarif(
  changes: readonly FileChange[],
  file: string,
  context: Context,
  folders: Parameters<typeof import("../../migration-places").placesOf>[0],
): Promise<void> {
  const { sarifLog } = await import("../../../migrations/diff/sarif");
  const { placesOf } = await import("../../migration-places");
  const { writeWhole } = await import("../../../lib/generated-files");
  const { packageVersion } = await import("../../../lib/package-root");
  const log = sarifLog(changes, packageVersion(), placesOf(folders));
  writeWhole(resolve(context.directory, file), `${JSON.stringify(log, null, 2)}\n`);
}

function text(changes: readonly FileChange[], paint: Paint): string {
  if (changes.length === 0) return `${paint.green("no difference")} between the configuration and the files`;
  const lines = changes.map(({ kind, severity, sink, object, summary, hazard }) => {
    const colour = { info: paint.green, warning: paint.yellow, breaking: paint.red }[severity];
    const cost = describeHazard(hazard);
    return `${colour(severity.padEnd(8))} ${kind} ${sink} ${object}: ${summary}${cost === "" ? "" : `\n         ${cost}`}`;
  });
  const hint = "Run `cdc manage-migrations generate` to write them.";
  return [...lines, `${counted(changes.length, "difference")}. ${hint}`].join("\n");
}
