import type { LogLine } from "../../tasks/detached";
import type { Context } from "../context";
import { isWanted, type LogLevel } from "../print/stream-log";
import type { TaskFlags } from "./load-task";
import { taskFolder } from "./task-folder";

/** Options of `cdc logs`. */
export interface LogsFlags extends TaskFlags {
  readonly follow?: boolean;
  readonly tail?: number;
  readonly logLevel: LogLevel;
}

/** Shows what a task and its providers have said. */
export async function showLogs(context: Context, name: string, flags: LogsFlags, signal: AbortSignal): Promise<void> {
  const { readLog, eventText } = await import("../../tasks/detached");
  const directory = await taskFolder(context, name, flags);
  const options = {
    signal,
    follow: flags.follow === true,
    ...(flags.tail === undefined ? {} : { tail: flags.tail }),
  };
  for await (const line of readLog(directory, options)) {
    if (isWanted(line.level, flags.logLevel)) context.print(line, () => text(line, eventText(line), context));
  }
}

function text(line: LogLine, said: string, { paint }: Context): string {
  const colour = { debug: paint.dim, info: String, warn: paint.yellow, error: paint.red }[line.level];
  const who = line.event === "log" ? `[${String(line["role"])} ${String(line["name"])}] ` : "";
  return `${paint.dim(line.time.replace("T", " ").slice(0, 19))} ${colour(line.level.padEnd(5))} ${who}${said}`;
}
