import { spawn, type ChildProcess, type ChildProcessByStdio } from "node:child_process";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { TaskEvent, TaskRunOptions, TaskRunResult } from "../../tasks/relay";

const CHILD = join(__dirname, "..", "processes", "task-child.cjs");
const CDC = join(__dirname, "..", "..", "dist", "cli", "main.js");

/** Options that survive JSON. */
export type TaskProcessOptions = Omit<TaskRunOptions, "signal" | "stdout" | "onEvent" | "logRoom">;

/** The last line of a task that ended by itself. */
export interface TaskProcessResult extends TaskRunResult {
  readonly maxRssMb: number;
}

/** A task that runs as a process of its own. */
export interface TaskProcess {
  readonly child: ChildProcess;
  readonly events: TaskEvent[];
  /** What it ended with; undefined when it was killed, and of `cdc run`. */
  readonly ended: Promise<TaskProcessResult | undefined>;
}

/** Starts a task as a process; `quiet` leaves out what its providers write to stderr. */
export function startTask(options: TaskProcessOptions, quiet = false): TaskProcess {
  const args = [CHILD, JSON.stringify(options), ...(quiet ? ["quiet"] : [])];
  return follow(spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] }));
}

/** Starts `cdc run <task>` in the folder of its tasks.yaml. */
export function startCdcTask(task: string, folder: string): TaskProcess {
  const args = [CDC, "run", task, "--json", "-C", folder];
  return follow(spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] }));
}

function follow(child: ChildProcessByStdio<null, Readable, null>): TaskProcess {
  const events: TaskEvent[] = [];
  let result: TaskProcessResult | undefined;
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (text + chunk).split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) {
      const found = JSON.parse(line) as TaskEvent | TaskProcessResult;
      if ("event" in found) events.push(found);
      else result = found;
    }
  });
  const ended = new Promise<TaskProcessResult | undefined>((resolve) => child.once("close", () => resolve(result)));
  return { child, events, ended };
}
