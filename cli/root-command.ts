import { Command, type ParseOptionsResult } from "commander";

const VERSION = /^--version(?=$|=)/;
/** No option begins like this, so the root leaves it to the command. */
const SET_ASIDE = "--\u0000";

/** `cdc` itself. Its --version is not that of a command which has one of its own, such as `cdc providers pack`. */
export class RootCommand extends Command {
  override parseOptions(argv: string[]): ParseOptionsResult {
    if (!hasOwnVersion(this, argv)) return super.parseOptions(argv);
    const { operands, unknown } = super.parseOptions(argv.map((word) => word.replace(VERSION, `${SET_ASIDE}$&`)));
    const back = (word: string): string => (word.startsWith(SET_ASIDE) ? word.slice(SET_ASIDE.length) : word);
    return { operands, unknown: unknown.map(back) };
  }
}

function hasOwnVersion(root: Command, argv: readonly string[]): boolean {
  let command = root;
  for (const word of argv) command = command.commands.find((one) => one.name() === word) ?? command;
  return command !== root && command.options.some(({ long }) => long === "--version");
}
