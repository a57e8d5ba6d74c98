import type { Command } from "commander";
import * as destroy from "./destroy";
import * as outputs from "./outputs";
import * as preview from "./preview";
import * as refresh from "./refresh";
import * as up from "./up";

/** Every command, in the order of the help; each file registers its parsing and loads its work when run. */
export const COMMANDS: readonly ((program: Command) => void)[] = [preview, up, refresh, destroy, outputs].map(
  ({ register }) => register,
);
