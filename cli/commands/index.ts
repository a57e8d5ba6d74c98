import type { Command } from "commander";
import * as completion from "./completion";
import * as destroy from "./destroy";
import * as newProject from "./new";
import * as outputs from "./outputs";
import * as preview from "./preview";
import * as refresh from "./refresh";
import * as stack from "./stack";
import * as status from "./status";
import * as up from "./up";

const MODULES = [newProject, preview, up, refresh, destroy, outputs, status, stack, completion];

/** Every command, in the order of the help; each file registers its parsing and loads its work when run. */
export const COMMANDS: readonly ((program: Command) => void)[] = MODULES.map(({ register }) => register);
