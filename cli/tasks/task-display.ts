import { Writable } from "node:stream";
import { eventText, logLineOf } from "../../tasks/detached/log-line";
import type { TaskEvent, TaskRunResult } from "../../tasks/relay";
import type { Context } from "../context";
import type { Output } from "../io";
import { isWanted, type LogLevel } from "../print/stream-log";

/** Shows a task that runs: with `--json` every event as a line on stdout, else lines for people on stderr. */
export interface TaskDisplay {
  /** Where what the output prints goes. */
  readonly stdout: Writable;
  take(event: TaskEvent): void;
  /** What has to be waited for before more may come. */
  room(): Promise<void> | undefined;
  end(task: string, result: TaskRunResult): void;
}

/** The display of a run; lines below the level are left out. */
export function openTaskDisplay(context: Context, least: LogLevel): TaskDisplay {
  const { io, options, stderrPaint } = context;
  const shownOn = options.json ? io.stdout : io.stderr;
  const take = (event: TaskEvent): void => {
    const line = logLineOf(event, new Date());
    if (line === undefined || !isWanted(line.level, least)) return;
    if (options.json) io.stdout.write(`${JSON.stringify(line)}\n`);
    else io.stderr.write(`${humanLine(event, line.level, context)}\n`);
  };
  const end = (task: string, { ended, counters, failure }: TaskRunResult): void => {
    if (options.json) return;
    const { lines, acked, restarts } = counters;
    const how = { eof: "has ended: its input has no more", stopped: "was stopped", failed: "has failed" }[ended];
    const colour = failure === undefined ? stderrPaint.green : stderrPaint.red;
    io.stderr.write(`${colour(`task ${task} ${how}`)}: ${lines} lines, ${acked} confirmed, ${restarts} restarts\n`);
  };
  return { stdout: options.json ? asEvents(io.stdout) : asWritable(io.stdout), take, room: () => roomOf(shownOn), end };
}

function humanLine(event: TaskEvent, level: LogLevel, { stderrPaint: paint }: Context): string {
  const colour = { debug: paint.dim, info: String, warn: paint.yellow, error: paint.red }[level];
  if (event.event === "log") return `${paint.dim(`[${event.role} ${event.name}]`)} ${colour(level)} ${event.text}`;
  const hint = event.event === "error" && event.hint !== undefined ? `\n${paint.cyan("hint:")} ${event.hint}` : "";
  return `${paint.dim(new Date().toISOString().slice(11, 19))} ${colour(level.padEnd(5))} ${eventText(event)}${hint}`;
}

function asWritable(output: Output): Writable {
  if (output instanceof Writable) return output;
  return new Writable({
    decodeStrings: false,
    write(text: string | Buffer, _encoding, done) {
      output.write(text.toString());
      done();
    },
  });
}

function asEvents(output: Output): Writable {
  return new Writable({
    decodeStrings: false,
    write(text: string | Buffer, _encoding, done) {
      for (const line of text.toString().trimEnd().split("\n")) {
        output.write(
          `${JSON.stringify({ time: new Date().toISOString(), level: "info", event: "text", text: line })}\n`,
        );
      }
      const room = roomOf(output);
      if (room === undefined) done();
      else void room.then(() => done());
    },
  });
}

/** Resolves when a full pipe has been read, or nobody reads it any more. */
function roomOf(output: Output): Promise<void> | undefined {
  if (!(output instanceof Writable) || !output.writableNeedDrain) return undefined;
  return new Promise((resolve) => output.once("drain", resolve).once("close", resolve));
}
