import type { Command } from "commander";
import * as complete from "./complete";
import * as completion from "./completion";
import * as deadLetters from "./dead-letters";
import * as demo from "./demo";
import * as destroy from "./destroy";
import * as init from "./init";
import * as load from "./load";
import * as logs from "./logs";
import * as manageServices from "./manage-services";
import * as manageSinkGroups from "./manage-sink-groups";
import * as manageSourceGroups from "./manage-source-groups";
import * as merge from "./merge";
import * as migrations from "./migrations";
import * as newProject from "./new";
import * as outputs from "./outputs";
import * as pipelines from "./pipelines";
import * as plan from "./plan";
import * as preview from "./preview";
import * as providers from "./providers";
import * as refresh from "./refresh";
import * as run from "./run";
import * as sandbox from "./sandbox";
import * as stack from "./stack";
import * as status from "./status";
import * as stop from "./stop";
import * as tasks from "./tasks";
import * as up from "./up";
import * as validate from "./validate";
import * as verify from "./verify";

const PROJECT = [demo, sandbox, newProject, validate];
const EDITS = [manageServices, manageSourceGroups, manageSinkGroups];
const STACK = [preview, up, refresh, destroy, outputs];
const TASKS = [tasks, plan, init, logs, stop, providers];
const ROWS = [run, load, merge, deadLetters, status, verify];
const FILES = [migrations, pipelines];
const REST = [stack, completion, complete];

/** Every command, in the order of the help; each file registers its parsing and loads its work when run. */
export const COMMANDS: readonly ((program: Command) => void)[] = [
  ...PROJECT,
  ...EDITS,
  ...STACK,
  ...TASKS,
  ...ROWS,
  ...FILES,
  ...REST,
].map(({ register }) => register);
