import type { Values } from "./value-kinds";
import type { CommandWords, OptionWords } from "./words";

/** Options whose value is the word that follows, in both spellings; not those that take none in another command. */
export function valueOptions(commands: readonly CommandWords[]): string[] {
  const options = commands.flatMap((command) => command.options);
  const spelled = (some: readonly OptionWords[]) => some.flatMap(({ short, long }) => (short ? [short, long] : [long]));
  const bare = new Set(spelled(options.filter(({ values }) => values === undefined)));
  const valued = spelled(options.filter(({ values }) => values !== undefined));
  return [...new Set(valued)].filter((name) => !bare.has(name)).sort();
}

/** A path as the command that it is a verb of, and its own name. */
export function stepOf({ path }: CommandWords): { readonly parent: string; readonly name: string } {
  const end = path.lastIndexOf(" ");
  return { parent: path.slice(0, Math.max(0, end)), name: path.slice(end + 1) };
}

/** All but `cdc` itself. */
export function belowRoot(commands: readonly CommandWords[]): readonly CommandWords[] {
  return commands.filter(({ path }) => path !== "");
}

/** Options of a command with their values, where a shell can tell them. */
export function optionValues(command: CommandWords): { readonly names: readonly string[]; readonly values: Values }[] {
  return command.options.flatMap(({ short, long, values }) =>
    values === undefined ? [] : [{ names: short === undefined ? [long] : [short, long], values }],
  );
}

/** Text between single quotes of any of the shells. */
export function plain(text: string): string {
  return text.replaceAll("'", "").replaceAll("\\", "").replace(/\s+/g, " ");
}
