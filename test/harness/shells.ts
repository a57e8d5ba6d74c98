import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MAIN = join(__dirname, "..", "..", "dist", "cli", "main.js");

/** A shell with completion for `cdc` loaded. */
export interface CompletingShell {
  /** What the shell offers for the last word of a line. */
  offers(line: readonly string[], cwd: string): string[];
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
    offers: (line, cwd) => ASK[shell](run, { file, folder, line, cwd }),
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Question {
  readonly file: string;
  readonly folder: string;
  readonly line: readonly string[];
  readonly cwd: string;
}

type Run = (argv: readonly string[], cwd: string) => string;

const ASK = { bash: askBash, fish: askFish, zsh: askZsh };

function askBash(run: Run, { file, line, cwd }: Question): string[] {
  const ask = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _cdc; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return linesOf(run(["-c", ask, "bash", file, ...line], cwd));
}

function askFish(run: Run, { file, line, cwd }: Question): string[] {
  const text = run(["-c", 'source $argv[1]; complete -C "$argv[2]"', file, line.join(" ")], cwd);
  return linesOf(text).map((answer) => answer.split("\t")[0] ?? "");
}

/** Types the line into an interactive zsh and reads it back completed: what one offer alone makes of it. */
function askZsh(run: Run, { file, folder, line, cwd }: Question): string[] {
  const out = join(folder, "line");
  writeFileSync(out, "");
  run(["-f", "-c", ZSH, "zsh", file, out, line.join(" ")], cwd);
  const typed = line.slice(0, -1).join(" ");
  return [readFileSync(out, "utf8").slice(typed.length).trim()];
}

const ZSH = `
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1=; autoload -U compinit; compinit -u -D; source $1"
zpty -w shell "show() { print -r -- \\$BUFFER > $2; BUFFER= }; zle -N show; bindkey '^Xw' show; bindkey '^I' complete-word"
zpty -w shell "print re''ady"
zpty -r -m shell got '*ready*'
zpty -w -n shell "$3"$'\\t\\CXw'
for turn in {1..400}; do
  zpty -r -t shell got
  [[ -s $2 ]] && break
  sleep 0.05
done
zpty -d shell`;

function linesOf(text: string): string[] {
  return text.split("\n").filter((one) => one !== "");
}
