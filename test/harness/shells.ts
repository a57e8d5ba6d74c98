import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MAIN = join(__dirname, "..", "..", "dist", "cli", "main.js");

/** A shell with completion for `cdc` loaded. */
export interface CompletingShell {
  /** What the shell offers for the last word of each line; in zsh, which is typed into, only what one offer makes of it. */
  offers(lines: readonly string[], cwd: string): string[][];
  remove(): void;
}

/** Whether the shell is on PATH. */
export function installed(shell: string): boolean {
  return spawnSync(shell, ["--version"]).status === 0;
}

/** Runs a completion script in the shell that it is for. */
export function completingShell(shell: "bash" | "fish" | "zsh", script: string): CompletingShell {
  const folder = mkdtempSync(join(tmpdir(), "cdc-completion-"));
  const file = join(folder, `cdc.${shell}`);
  writeFileSync(file, script);
  writeFileSync(join(folder, "cdc"), `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
  chmodSync(join(folder, "cdc"), 0o755);
  const env = { ...process.env, HOME: folder, PATH: `${folder}:${process.env["PATH"] ?? ""}` };
  const run = (argv: readonly string[], cwd: string) => {
    return execFileSync(shell, argv, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  };
  run(["-n", file], folder);
  return {
    offers: (lines, cwd) => ASK[shell](run, { file, folder, lines, cwd }),
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Question {
  readonly file: string;
  readonly folder: string;
  readonly lines: readonly string[];
  readonly cwd: string;
}

type Run = (argv: readonly string[], cwd: string) => string;

const ASK = { bash: askBash, fish: askFish, zsh: askZsh };

/** Words are what stands between single blanks, as bash would tell them apart; an escaped blank stays in its word. */
function askBash(run: Run, { file, lines, cwd }: Question): string[][] {
  const ask = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _cdc; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return lines.map((line) => linesOf(run(["-c", ask, "bash", file, ...line.split(/(?<!\\) /)], cwd)));
}

function askFish(run: Run, { file, lines, cwd }: Question): string[][] {
  return lines.map((line) => {
    const text = run(["-c", 'source $argv[1]; complete -C "$argv[2]"', file, line], cwd);
    return linesOf(text).map((answer) => answer.split("\t")[0] ?? "");
  });
}

/** Types the lines into an interactive zsh and reads them back completed. */
function askZsh(run: Run, { file, folder, lines, cwd }: Question): string[][] {
  const out = join(folder, "lines");
  writeFileSync(out, "");
  run(["-f", "-c", ZSH, "zsh", file, out, ...lines], cwd);
  const completed = linesOf(readFileSync(out, "utf8"));
  return lines.map((line, index) => [(completed[index] ?? "").slice(line.lastIndexOf(" ")).trim()]);
}

const ZSH = `
zmodload zsh/zpty
script=$1 out=$2
shift 2
zpty shell zsh -f -i
zpty -w shell "PS1=; autoload -U compinit; compinit -u -D; source $script"
zpty -w shell "show() { print -r -- \\$BUFFER >> $out; BUFFER= }; zle -N show; bindkey '^Xw' show; bindkey '^I' complete-word"
zpty -w shell "print re''ady"
zpty -r -m shell got '*ready*'
for line in "$@"; do
  known=$(wc -l < $out)
  zpty -w -n shell "$line"$'\\t\\CXw'
  for turn in {1..400}; do
    zpty -r -t shell got
    [[ $(wc -l < $out) -gt $known ]] && break
    sleep 0.02
  done
done
zpty -d shell`;

function linesOf(text: string): string[] {
  return text.split("\n").filter((one) => one !== "");
}
