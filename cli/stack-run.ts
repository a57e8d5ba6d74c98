import type { Command } from "commander";
import type { RunKind, RunOptions, RunResult, Stack } from "../engine/stack";
import { CdcError } from "../lib/errors";
import type { Context } from "./context";
import { EXIT } from "./exit-code";
import { loadPlanner } from "./planner";
import { projectOfStack } from "./project";
import { runPrinter } from "./run-printer";
import { resolveTargets } from "./targets";
import { positive } from "./number-words";

/** Options of preview, up, refresh and destroy. */
export interface RunFlags {
  readonly refresh?: boolean;
  readonly target?: readonly string[];
  readonly expectNoChanges?: boolean;
  readonly showSql?: boolean;
  readonly parallel?: number;
}

/** Adds the options that every run takes. */
export function runOptions(command: Command): Command {
  return command
    .option("--target <name...>", "only these resources: a URN, or a name such as avansas.Actor")
    .option("--parallel <count>", "operations under way at once", positive)
    .option("--show-sql", "print the statements of each change");
}

/** Opens the stack that the common options name. The first import of Pulumi happens here. */
export async function openStack(context: Context): Promise<Stack> {
  const projectDirectory = projectOfStack(context);
  const { openStack: open } = await import("../engine/open-stack");
  const { stack, engine } = context.options;
  return open({ projectDirectory, stack, engine });
}

/** Runs one operation of an open stack and shows it. */
export async function runStack(
  context: Context,
  stack: Stack,
  kind: RunKind,
  flags: RunFlags,
  kept: ReadonlySet<string> = new Set(),
): Promise<RunResult> {
  const settings = await runSettings(context, stack, flags);
  const printer = runPrinter(context, { kind, planner: await loadPlanner(), showSql: flags.showSql === true, kept });
  let result: RunResult | undefined;
  try {
    result = await stack[kind]({ ...settings, onEvent: (event) => printer.take(event) });
    return result;
  } catch (error) {
    throw inShort(error, `${kind} of stack ${context.options.stack}`, printer.errorsShown());
  } finally {
    printer.end(result);
  }
}

/** A failure whose causes have been shown one by one needs no list of them. */
function inShort(error: unknown, what: string, shown: number): unknown {
  if (!(error instanceof CdcError) || error.code !== "CDC_DEPLOYMENT_FAILED" || shown === 0) return error;
  const causes = shown === 1 ? "the error above" : `the ${String(shown)} errors above`;
  const hint = error.hint === undefined ? {} : { hint: error.hint };
  return new CdcError(error.code, `${what} failed: see ${causes}`, { ...hint, cause: error });
}

/** Sets exit code 1 when changes were found and none were expected. */
export function expectNoChanges(context: Context, flags: RunFlags, result: RunResult): void {
  if (flags.expectNoChanges !== true || !result.changed) return;
  context.note("changes were found, and --expect-no-changes was given");
  context.exitWith(EXIT.changesFound);
}

async function runSettings(context: Context, stack: Stack, flags: RunFlags): Promise<RunOptions> {
  const targets = flags.target === undefined ? undefined : await resolveTargets(stack, flags.target);
  return {
    signal: context.io.signal,
    ...(flags.refresh === true ? { refresh: true } : {}),
    ...(flags.parallel === undefined ? {} : { parallel: flags.parallel }),
    ...(targets === undefined ? {} : { targets }),
  };
}
