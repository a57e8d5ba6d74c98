import { bashScript } from "./bash";
import { fishScript } from "./fish";
import type { CommandWords } from "./words";
import { zshScript } from "./zsh";

/** Shells that a completion script can be made for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** The completion script of a shell for these commands. What a project has is asked of `cdc complete` when completing. */
export function completionScript(shell: Shell, commands: readonly CommandWords[]): string {
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](commands);
}
