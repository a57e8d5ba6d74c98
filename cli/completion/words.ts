import type { Command } from "commander";

/** What a shell can complete of one command. */
export interface CommandWords {
  /** `preview`, or `dead-letters list` for a verb of a group. */
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionWords[];
  /** Words that may follow, such as the verbs of a group or the choices of an argument. */
  readonly words: readonly string[];
}

/** One option, such as `-s, --stack <name>`. */
export interface OptionWords {
  readonly short?: string;
  readonly long: string;
  readonly summary: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

/** All commands of a program, groups and their verbs alike; common options first in each. */
export function wordsOf(program: Command): readonly CommandWords[] {
  const common = optionsOf(program).filter(({ long }) => long !== "--version");
  return program.commands.flatMap((command) => commandWords(command, [], common));
}

function commandWords(command: Command, parents: readonly string[], common: readonly OptionWords[]): CommandWords[] {
  const path = [...parents, command.name()];
  const own: CommandWords = {
    name: path.join(" "),
    summary: command.summary() || (command.description().split("\n")[0] ?? ""),
    options: [...optionsOf(command), ...common],
    words: [...command.commands.map((verb) => verb.name()), ...choicesOf(command)],
  };
  return [own, ...command.commands.flatMap((verb) => commandWords(verb, path, common))];
}

function choicesOf(command: Command): string[] {
  return command.registeredArguments.flatMap((argument) => argument.argChoices ?? []);
}

function optionsOf(command: Command): OptionWords[] {
  return command.options.map((option) => ({
    ...(option.short === undefined ? {} : { short: option.short }),
    long: option.long ?? option.flags,
    summary: option.description,
    takesValue: option.required || option.optional,
    choices: option.argChoices ?? [],
  }));
}
