import { belowRoot, optionValues, stepOf, valueOptions } from "./line";
import type { Values } from "./value-kinds";
import type { CommandWords } from "./words";

/** The completion script of bash, 3.2 or later: no descriptions. */
export function bashScript(commands: readonly CommandWords[]): string {
  return `# bash completion for cdc; load it with: source <(cdc completion bash)
${HELPERS}
_cdc() {
  local word="\${COMP_WORDS[COMP_CWORD]}" last="\${COMP_WORDS[COMP_CWORD-1]}" at="" count=0 skip="" part
  [ "$word" = "=" ] && word=""
  [ "$last" = "=" ] && last="\${COMP_WORDS[COMP_CWORD-2]}"
  COMPREPLY=()
  for part in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [ -n "$skip" ] && [ "$part" != "=" ]; then skip=""; continue; fi
    case "$part" in
      =) continue ;;
      ${valueOptions(commands).join("|")}) skip=1; continue ;;
      -*) continue ;;
    esac
    case "$at/$part" in
      ${belowRoot(commands).map(step).join("|")}) at="\${at:+$at }$part" ;;
      *) count=$((count + 1)) ;;
    esac
  done
  case "$at" in
${commands.map(commandCase).join("\n")}
  esac
}
complete -o default -F _cdc cdc
`;
}

/** How the values of a kind get into COMPREPLY; the project's are whole lines, and are quoted when they need it. */
const HELPERS = `_cdc_words() { COMPREPLY=($(compgen -W "$1" -- "$word")); }
_cdc_folders() { compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$word")); }
_cdc_files() { compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$word")); }
_cdc_project() {
  local value typed="\${word//\\\\/}" quote=""
  case "$typed" in [\\"\\']*) quote="\${typed:0:1}"; typed="\${typed:1}" ;; esac
  while IFS= read -r value; do
    [ "\${value#"$typed"}" = "$value" ] && [ -n "$typed" ] && continue
    [ -n "$quote" ] && COMPREPLY+=("$value") || COMPREPLY+=("$(printf '%q' "$value")")
  done < <("\${COMP_WORDS[0]}" complete "$1" -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}`;

/** The word that leads to a command, with the command that it follows: `stack/export`. */
function step(command: CommandWords): string {
  const { parent, name } = stepOf(command);
  return `"${parent}/${name}"`;
}

function commandCase(command: CommandWords): string {
  const options = optionValues(command).map(
    ({ names, values }) => `        ${names.join("|")}) ${completer(values)}; return ;;`,
  );
  const words = [...command.verbs, ...command.options.map(({ long }) => long), "--help"].join(" ");
  const own = command.arguments.map(({ values, variadic }, index) => {
    const place = variadic ? "*" : String(index);
    return `        ${place}) case "$word" in -*) ;; *) ${completer(values)}; return ;; esac ;;`;
  });
  const args = own.length === 0 ? [] : ['      case "$count" in', ...own, "      esac"];
  return [
    `    "${command.path}")`,
    '      case "$last" in',
    ...options,
    "      esac",
    ...args,
    `      _cdc_words "${words}" ;;`,
  ].join("\n");
}

function completer(values: Values): string {
  if (values.from === "choices") return `_cdc_words "${values.choices.join(" ")}"`;
  if (values.from === "project") return `_cdc_project ${values.kind}`;
  return values.from === "folders" ? "_cdc_folders" : "_cdc_files";
}
