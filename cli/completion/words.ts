import type { Argument, Command, Option } from "commander";
import { valuesOf, type Values } from "./value-kinds";

/** What a shell can complete of one command. */
export interface CommandWords {
  /** `preview`, or `dead-letters list` for a verb of a group; empty for `cdc` itself. */
  readonly path: string;
  readonly summary: string;
  readonly options: readonly OptionWords[];
  /** Names of the verbs of a group. */
  readonly verbs: readonly string[];
  readonly arguments: readonly ArgumentWords[];
}

/** One option, such as `-s, --stack <name>`. */
export interface OptionWords {
  readonly short?: string;
  readonly long: string;
  readonly summary: string;
  /** Absent: it takes no value. */
  readonly values?: Values;
}

/** One argument, such as `<service>`. */
export interface ArgumentWords {
  readonly name: string;
  readonly values: Values;
  /** It takes all words that follow. */
  readonly variadic: boolean;
}

/** `cdc` itself and all its commands, groups and their verbs alike, those with an alias twice; common options last in each. */
export function wordsOf(program: Command): readonly CommandWords[] {
  const common = optionsOf(program, "");
  const commands = visible(program);
  const verbs = commands.flatMap(namesOf);
  const root: CommandWords = { path: "", summary: "", options: common, verbs, arguments: [] };
  const inherited = common.filter(({ long }) => long !== "--version");
  return [root, ...commands.flatMap((command) => commandWords(command, "", inherited))];
}

/** The commands that the help lists. */
function visible(command: Command): Command[] {
  const listed = command.createHelp().visibleCommands(command);
  return listed.filter((one) => one.name() !== "help");
}

function commandWords(command: Command, parent: string, common: readonly OptionWords[]): CommandWords[] {
  const verbs = visible(command);
  return namesOf(command).flatMap((name) => {
    const path = parent === "" ? name : `${parent} ${name}`;
    const own: CommandWords = {
      path,
      summary: command.summary() || (command.description().split("\n")[0] ?? ""),
      options: [...optionsOf(command, path), ...common],
      verbs: verbs.flatMap(namesOf),
      arguments: command.registeredArguments.map((argument) => argumentWords(argument, path)),
    };
    return [own, ...verbs.flatMap((verb) => commandWords(verb, path, common))];
  });
}

function namesOf(command: Command): string[] {
  return [command.name(), ...command.aliases()];
}

function argumentWords(argument: Argument, path: string): ArgumentWords {
  const name = argument.name();
  const values = valuesOf({ name, choices: argument.argChoices, placeholder: name, path });
  return { name, values, variadic: argument.variadic };
}

function optionsOf(command: Command, path: string): OptionWords[] {
  return command.options.filter(({ hidden }) => !hidden).map((option) => optionWords(option, path));
}

function optionWords(option: Option, path: string): OptionWords {
  const long = option.long ?? option.flags;
  const placeholder = /[<[]([^>\]]*)[>\]]/.exec(option.flags)?.[1] ?? "";
  const values = valuesOf({ name: long.replace(/^--/, ""), choices: option.argChoices, placeholder, path });
  return {
    ...(option.short === undefined ? {} : { short: option.short }),
    long,
    summary: option.description,
    ...(option.required || option.optional ? { values } : {}),
  };
}
