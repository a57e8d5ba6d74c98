import { belowRoot, plain, stepOf } from "./line";
import type { Values } from "./value-kinds";
import type { CommandWords, OptionWords } from "./words";

/** The completion script of zsh, with descriptions. */
export function zshScript(commands: readonly CommandWords[]): string {
  return `#compdef cdc
# zsh completion for cdc; load it with: source <(cdc completion zsh)
_cdc_project() {
  local -a values
  values=("\${(@f)$("$cdc_line[1]" complete $1 -- "\${(@)cdc_line[2,-1]}" 2>/dev/null)}")
  values=(\${values:#})
  compadd -a values
}
${commands.map((command) => commandFunction(command, commands)).join("\n")}
_cdc() {
  local -a cdc_line
  cdc_line=("\${(@)words[1,CURRENT]}")
  _cdc_at_
}
compdef _cdc cdc
`;
}

/** A command's own function; a group's goes on to that of its verb, which sees only the words that follow. */
function commandFunction(command: CommandWords, commands: readonly CommandWords[]): string {
  const options = command.options.map(optionSpec);
  const name = functionName(command.path);
  if (command.verbs.length === 0) {
    const args = command.arguments.map(({ name: word, values, variadic }, index) => {
      return `'${variadic ? "*" : String(index + 1)}:${plain(word)}:${completer(values)}'`;
    });
    return `${name}() {\n  _arguments -s ${[...options, ...args].join(" ")}\n}`;
  }
  const below = belowRoot(commands).filter((one) => stepOf(one).parent === command.path);
  const words = below.map((one) => `'${stepOf(one).name}:${described(one.summary)}'`);
  const cases = below.map((one) => `      ${stepOf(one).name}) ${functionName(one.path)} ;;`);
  return `${name}() {
  local curcontext="$curcontext" state line
  local -a verbs
  verbs=(${words.join(" ")})
  _arguments -C -s ${[...options, "'1: :->verb'", "'*:: :->rest'"].join(" ")}
  case $state in
    verb) _describe command verbs ;;
    rest) case $line[1] in
${cases.join("\n")}
    esac ;;
  esac
}`;
}

function optionSpec({ short, long, summary, values }: OptionWords): string {
  const value = values === undefined ? "" : `:value:${completer(values)}`;
  const text = `[${described(summary).replaceAll("[", "(").replaceAll("]", ")")}]${value}`;
  return short === undefined ? `'${long}${text}'` : `{${short},${long}}'${text}'`;
}

function completer(values: Values): string {
  if (values.from === "choices") return `(${values.choices.join(" ")})`;
  if (values.from === "project") return `{_cdc_project ${values.kind}}`;
  return values.from === "folders" ? "_files -/" : "_files";
}

function described(text: string): string {
  return plain(text).replaceAll(":", " -");
}

function functionName(path: string): string {
  return `_cdc_at_${path.replaceAll(" ", "_")}`;
}
