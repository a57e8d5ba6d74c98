import { InvalidArgumentError, type Command } from "commander";
import { contextFrom, type Context } from "../context";
import { EXIT } from "../exit-code";
import { projectOfStack } from "../project";
import { openStack } from "../stack-run";

interface StatusFlags {
  readonly maxLag: number;
  readonly drift?: boolean;
}

/** `cdc status` */
export function register(program: Command): void {
  program
    .command("status")
    .summary("show how every table is doing")
    .description(
      "Shows rows merged, waiting rows, dead letters, checkpoint and last error of every deployed table.\n" +
        "Exit codes: 0 healthy, 2 error, 3 a table fails, lags, has dead letters, or has drifted (--drift).",
    )
    .option("--max-lag <seconds>", "rows may wait this long for their merge", seconds, 60)
    .option("--drift", "also compare the database with the stack, as `preview --refresh` does")
    .addHelpText("after", "\nExample:\n  $ cdc status -s prod --max-lag 30")
    .action(status);
}

async function status(flags: StatusFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const stack = await openStack(context);
  const { readStatus, statusText } = await import("../status");
  const found = await readStatus(stack, context.options.stack, projectOfStack(context), context.io.env, flags.maxLag);
  const drifted = flags.drift === true ? await hasDrifted(context) : undefined;
  const healthy = found.healthy && drifted !== true;
  const report = { ...found, healthy, ...(drifted === undefined ? {} : { drifted }) };
  context.print(report, () => statusText(report, context.paint));
  if (!healthy) context.exitWith(EXIT.unhealthy);
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
