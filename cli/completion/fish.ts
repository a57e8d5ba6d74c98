import { belowRoot, plain, stepOf, valueOptions } from "./line";
import type { Values } from "./value-kinds";
import type { CommandWords, OptionWords } from "./words";

/** The completion script of fish, with descriptions. */
export function fishScript(commands: readonly CommandWords[]): string {
  return `# fish completion for cdc; load it with: cdc completion fish | source
set -g __cdc_commands ${belowRoot(commands)
    .map(({ path }) => `'${path}'`)
    .join(" ")}
function __cdc_place -d 'command that is typed, and how many arguments follow it'
  set -l at
  set -l count 0
  set -l skip
  for word in (commandline -opc)[2..]
    if set -q skip[1]
      set -e skip
      set -l skip
      continue
    end
    switch $word
      case ${valueOptions(commands).join(" ")}
        set skip 1
      case '-*'
      case '*'
        set -l next (string join ' ' -- $at $word)
        if contains -- "$next" $__cdc_commands
          set -a at $word
        else
          set count (math $count + 1)
        end
    end
  end
  echo (string join ' ' -- $at)
  echo $count
end
function __cdc_at
  set -l place (__cdc_place)
  test "$place[1]" = "$argv[1]"
end
function __cdc_argument
  set -l place (__cdc_place)
  test "$place[1]" = "$argv[1]"; and test $place[2] -ge $argv[2]; and test $place[2] -le $argv[3]
end
function __cdc_project
  set -l words (commandline -opc)
  $words[1] complete $argv[1] -- $words[2..] (commandline -ct) 2>/dev/null
end
complete -c cdc -f
${commands.flatMap((command) => commandLines(command)).join("\n")}
`;
}

function commandLines(command: CommandWords): string[] {
  const { parent, name } = stepOf(command);
  const word = `complete -c cdc -n "__cdc_argument '${parent}' 0 0" -a ${name} -d '${plain(command.summary)}'`;
  return [
    ...(command.path === "" ? [] : [word]),
    ...command.options.map((option) => optionLine(command.path, option)),
    ...command.arguments.map(({ values, variadic }, index) => {
      const last = variadic ? 999 : index;
      return `complete -c cdc -n "__cdc_argument '${command.path}' ${String(index)} ${String(last)}" ${completer(values)}`;
    }),
  ];
}

function optionLine(path: string, { short, long, summary, values }: OptionWords): string {
  const names = `${short === undefined ? "" : `-s ${short.slice(1)} `}-l ${long.slice(2)}`;
  const value = values === undefined ? "" : ` -r ${completer(values)}`;
  return `complete -c cdc -n "__cdc_at '${path}'" ${names}${value} -d '${plain(summary)}'`;
}

function completer(values: Values): string {
  if (values.from === "choices") return `-x -a '${values.choices.join(" ")}'`;
  if (values.from === "project") return `-x -a '(__cdc_project ${values.kind})'`;
  return values.from === "folders" ? `-x -a '(__fish_complete_directories)'` : "-F";
}
