import type { StopResult } from "../../tasks/detached";
import type { Context } from "../context";
import { EXIT } from "../exit-code";
import type { TaskFlags } from "./load-task";
import { taskFolder } from "./task-folder";

/** Options of `cdc stop`. */
export interface StopFlags extends TaskFlags {
  readonly force?: boolean;
  /** Seconds. */
  readonly timeout: number;
}

/** Stops the run of a task, wherever it was started. */
export async function stopTask(context: Context, name: string, flags: StopFlags): Promise<void> {
  const { stopRun } = await import("../../tasks/detached");
  const directory = await taskFolder(context, name, flags);
  const result = await stopRun(directory, { force: flags.force === true, timeoutMs: flags.timeout * 1000 });
  context.print(result, () => text(name, result));
  if (result.outcome === "stopping") context.exitWith(EXIT.unhealthy);
}

function text(name: string, { outcome }: StopResult): string {
  switch (outcome) {
    case "idle":
      return `task ${name} does not run`;
    case "stopped":
      return `task ${name} was stopped`;
    case "killed":
      return `task ${name} did not stop in time and was killed: what was not confirmed comes again`;
    case "stopping":
      return `task ${name} is still stopping; --force kills it`;
  }
}
