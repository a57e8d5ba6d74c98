import type { Command } from "commander";

/** Every command, in the order of the help; each file registers its parsing and loads its work when run. */
export const COMMANDS: readonly ((program: Command) => void)[] = [];
