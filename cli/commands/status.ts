import { InvalidArgumentError, type Command } from "commander";
import type { Stack } from "../../engine/stack";
import { contextFrom, type Context } from "../context";
import { EXIT } from "../exit-code";
import { projectOfStack } from "../project";
import { openStack } from "../stack-run";
import type { StatusRequest } from "../status";
import { taskFileOption, type TaskFlags } from "../tasks/load-task";

interface StatusFlags {
  readonly detailed?: boolean;
  readonly maxLag: number;
  readonly drift?: boolean;
  readonly live?: boolean;
}

/** `cdc status` */
export function register(program: Command): void {
  const command = program
    .command("status")
    .summary("show how every table, or a task, is doing")
    .description(
      "Shows how every deployed table is doing: state, rows merged, waiting rows, dead letters, lag, checkpoint and last\n" +
        "error; and, once `cdc run` has been used, how far it is in every source and what to do about what stands still.\n" +
        "Exit codes: 0 healthy, 2 error, 3 a table or source fails, stands still, lags, has dead letters, or has drifted\n" +
        "(--drift).\n" +
        "With a task: shows the infrastructure of both its providers, as it really is.\n" +
        "Exit codes: 0 it is there as the file says, 2 error, 3 something is missing, changed or can't be looked at.",
    )
    .argument("[task]", "name of a task; without one the stack is meant")
    .option("--max-lag <seconds>", "rows and changes may wait this long", seconds, 60)
    .option("--detailed", "with a task: also how its last run is doing")
    .option("--live", "also ask every SQL Server how far it is; else only the sink is read")
    .option("--drift", "also compare the database with the stack, as `preview --refresh` does")
    .addHelpText("after", "\nExample:\n  $ cdc status -s prod --max-lag 30\n  $ cdc status mssql-to-asb --json");
  taskFileOption(command).action(status);
}

async function status(task: string | undefined, flags: StatusFlags & TaskFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  if (task !== undefined) {
    const { showTaskStatus } = await import("../tasks/task-status");
    await showTaskStatus(context, task, flags);
  } else await stackStatus(context, flags);
}

async function stackStatus(context: Context, flags: StatusFlags): Promise<void> {
  const stack = await openStack(context);
  const { readStatus } = await import("../status");
  const { statusText } = await import("../print/status");
  const found = await readStatus({
    stack,
    name: context.options.stack,
    projectDirectory: projectOfStack(context),
    env: context.io.env,
    maxLagSeconds: flags.maxLag,
    ...(flags.live === true ? { askLive: await liveAsker(context, stack) } : {}),
  });
  const drifted = flags.drift === true ? await hasDrifted(context) : undefined;
  const healthy = found.healthy && drifted !== true;
  const report = { ...found, healthy, ...(drifted === undefined ? {} : { drifted }) };
  context.print(report, () => statusText(report, context.paint));
  if (!healthy) context.exitWith(EXIT.unhealthy);
}

async function liveAsker(context: Context, stack: Stack): Promise<NonNullable<StatusRequest["askLive"]>> {
  const { deployedTopology } = await import("../topology");
  const { askLiveSources } = await import("../live-sources");
  const { options, io } = context;
  const deployed = await deployedTopology(stack, options.stack, projectOfStack(context), io.env);
  return (sources) => askLiveSources(sources, deployed, io.signal);
}

async function hasDrifted(context: Context): Promise<boolean> {
  const stack = await openStack(context);
  return (await stack.preview({ refresh: true, signal: context.io.signal })).changed;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new InvalidArgumentError("a number of seconds is needed.");
  return value;
}
