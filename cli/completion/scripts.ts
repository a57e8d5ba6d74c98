import type { CommandWords, OptionWords } from "./words";

/** Shells that a completion script can be made for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** The completion script of a shell for these commands. Stacks are read from Pulumi.*.yaml when completing. */
export function completionScript(shell: Shell, commands: readonly CommandWords[]): string {
  return { bash, zsh, fish }[shell](commands);
}

function bash(commands: readonly CommandWords[]): string {
  return `# bash completion for cdc; load it with: source <(cdc completion bash)
_cdc_stacks() {
  local file
  for file in Pulumi.*.yaml; do [ -e "$file" ] && file="\${file#Pulumi.}" && echo "\${file%.yaml}"; done
}
_cdc() {
  local word="\${COMP_WORDS[COMP_CWORD]}" last="\${COMP_WORDS[COMP_CWORD-1]}" command="" part
  for part in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$part" in -*) ;; *) [ -z "$command" ] && command="$part" ;; esac
  done
  case "$last" in
    -s|--stack) COMPREPLY=($(compgen -W "$(_cdc_stacks)" -- "$word")); return ;;
    -C|--cwd) COMPREPLY=($(compgen -d -- "$word")); return ;;
${choiceCases(commands)}
  esac
  case "$command" in
${commands.filter(isTop).map(bashCase).join("\n")}
    *) COMPREPLY=($(compgen -W "${commands.filter(isTop).map(nameOf).join(" ")} --help --version" -- "$word")) ;;
  esac
}
complete -o default -F _cdc cdc
`;
}

function bashCase(command: CommandWords): string {
  const words = [...command.words, ...command.options.map(({ long }) => long), "--help"].join(" ");
  return `    ${command.name}) COMPREPLY=($(compgen -W "${words}" -- "$word")) ;;`;
}

function choiceCases(commands: readonly CommandWords[]): string {
  const options = new Map(commands.flatMap(({ options: all }) => all).map((option) => [option.long, option]));
  return [...options.values()]
    .filter(({ choices }) => choices.length > 0)
    .map(({ long, choices }) => `    ${long}) COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$word")); return ;;`)
    .join("\n");
}

function zsh(commands: readonly CommandWords[]): string {
  const tops = commands.filter(isTop);
  return `#compdef cdc
# zsh completion for cdc; load it with: source <(cdc completion zsh)
_cdc_stacks() {
  local -a stacks
  stacks=(Pulumi.*.yaml(N))
  stacks=(\${\${stacks#Pulumi.}%.yaml})
  compadd -a stacks
}
_cdc() {
  local -a commands
  commands=(
${tops.map(({ name, summary }) => `    '${name}:${zshText(summary)}'`).join("\n")}
  )
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  case "$words[2]" in
${tops.map(zshCase).join("\n")}
  esac
}
compdef _cdc cdc
`;
}

function zshCase(command: CommandWords): string {
  const options = command.options.map(zshOption).join(" ");
  const rest = command.words.length > 0 ? `'1:word:(${command.words.join(" ")})'` : "'*:file:_files'";
  return `    ${command.name}) shift words; (( CURRENT-- )); _arguments -s ${options} ${rest} ;;`;
}

function zshOption(option: OptionWords): string {
  const value = option.takesValue ? `:value:${zshValues(option)}` : "";
  const text = `[${zshText(option.summary).replaceAll("[", "(").replaceAll("]", ")")}]${value}`;
  if (option.short === undefined) return `'${option.long}${text}'`;
  return `{${option.short},${option.long}}'${text}'`;
}

function zshValues(option: OptionWords): string {
  if (option.long === "--stack") return "_cdc_stacks";
  if (option.long === "--cwd") return "_files -/";
  return option.choices.length > 0 ? `(${option.choices.join(" ")})` : "";
}

function zshText(text: string): string {
  return text.replaceAll("'", "").replaceAll(":", " -");
}

function fish(commands: readonly CommandWords[]): string {
  const tops = commands.filter(isTop);
  const lines = tops.flatMap((command) => [
    `complete -c cdc -n __fish_use_subcommand -a ${command.name} -d ${fishText(command.summary)}`,
    ...command.options.map((option) => fishOption(command.name, option)),
    ...command.words.map((word) => `complete -c cdc -n '__fish_seen_subcommand_from ${command.name}' -a ${word}`),
  ]);
  return `# fish completion for cdc; load it with: cdc completion fish | source
function __cdc_stacks
  for file in Pulumi.*.yaml
    string replace -r '^Pulumi\\.(.*)\\.yaml$' '$1' $file
  end
end
complete -c cdc -f
${lines.join("\n")}
`;
}

function fishOption(command: string, option: OptionWords): string {
  const short = option.short === undefined ? "" : ` -s ${option.short.slice(1)}`;
  const names = `${short} -l ${option.long.slice(2)}`;
  const value = option.takesValue ? ` -x${fishValues(option)}` : "";
  return `complete -c cdc -n '__fish_seen_subcommand_from ${command}'${names}${value} -d ${fishText(option.summary)}`;
}

function fishValues(option: OptionWords): string {
  if (option.long === "--stack") return ' -a "(__cdc_stacks)"';
  if (option.long === "--cwd") return ` -a "(__fish_complete_directories)"`;
  return option.choices.length > 0 ? ` -a "${option.choices.join(" ")}"` : "";
}

function fishText(text: string): string {
  return `'${text.replaceAll("'", "")}'`;
}

function isTop(command: CommandWords): boolean {
  return !command.name.includes(" ");
}

function nameOf(command: CommandWords): string {
  return command.name;
}
