import { Option, type Command } from "commander";
import { COMMANDS } from "./commands";
import { EXIT_CODE_HELP } from "./exit-code";
import type { Io } from "./io";
import { RootCommand } from "./root-command";
import { packageVersion } from "../lib/package-root";

const DESCRIPTION =
  "Change data capture from SQL Server into PostgreSQL: declared in YAML, deployed by Pulumi, merged exactly once.";

const EXAMPLE = `
Example:
  $ cdc demo                                    see the whole thing in a minute
  $ cdc new shop --pattern db-per-tenant        start a project
  $ cdc preview -C shop -s dev                  what would change
  $ cdc up -C shop -s dev                       make it so

${EXIT_CODE_HELP}`;

/** The whole command line of `cdc`, writing to `io`. What a command does is loaded when it is run. */
export function buildProgram(io: Io): Command {
  const program = new RootCommand("cdc");
  program
    .description(DESCRIPTION)
    .version(packageVersion(), "-v, --version")
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
    })
    .exitOverride()
    .addHelpText("after", EXAMPLE);
  addCommonOptions(program);
  for (const register of COMMANDS) register(program);
  return program;
}

function addCommonOptions(program: Command): void {
  program
    .option("-s, --stack <name>", "stack, as in Pulumi.<name>.yaml", "dev")
    .option("-C, --cwd <dir>", "folder of the project, with Pulumi.yaml")
    .option("--json", "print data as JSON on stdout, errors as JSON on stderr")
    .addOption(
      new Option("--engine <name>", "auto: the pulumi CLI when it is on PATH, else built-in")
        .choices(["auto", "pulumi", "built-in"])
        .default("auto"),
    )
    .option("--no-color", "no colours (also NO_COLOR=1)")
    .option("-y, --yes", "do not ask");
}
