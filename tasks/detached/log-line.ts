import type { LogLevel, TaskEvent } from "../relay";

/** A line of a task's log. */
export interface LogLine {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly level: LogLevel;
  /** A word of {@link TaskEvent}, or `text`: what the output printed. */
  readonly event: TaskEvent["event"] | "text";
  readonly [key: string]: unknown;
}

/** An event as a line of the log; undefined for what comes too often. */
export function logLineOf(event: TaskEvent, now: Date): LogLine | undefined {
  if (event.event === "ack") return undefined;
  const time = now.toISOString();
  if (event.event === "log") return { time, ...event };
  return { time, level: LEVELS[event.event] ?? "info", ...event };
}

const LEVELS: Partial<Record<TaskEvent["event"], LogLevel>> = { warning: "warn", restart: "warn", error: "error" };

/** An event in a line for people. */
export function eventText(event: TaskEvent | LogLine): string {
  const found = event as TaskEvent | { readonly event: "text"; readonly text: string };
  switch (found.event) {
    case "started":
      return `${found.role} ${found.name} started (process ${found.pid})`;
    case "ready":
      return `${found.role} ${found.name} is ready${aboutProvider(found)}`;
    case "rate":
      return `${number(found.lines)} lines, ${number(found.linesPerSecond)} a second, ${number(found.acked)} confirmed`;
    case "ack":
      return `${number(found.count)} lines confirmed`;
    case "log":
    case "text":
      return found.text;
    case "warning":
      return found.message;
    case "error":
      return [found.message, ...found.stderr.map((line) => `  ${line}`)].join("\n");
    case "restart":
      return `starting again in ${(found.delayMs / 1000).toFixed(1)} s (${found.attempt} in a row)`;
    case "stopping":
      return "stopping: the input first, then the output writes the rest";
    case "stopped":
      return `${number(found.counters.lines)} lines, ${number(found.counters.acked)} confirmed`;
  }
}

function aboutProvider(ready: { legacy: boolean; provider?: string; version?: string }): string {
  if (ready.legacy) return " (an older provider: nothing is confirmed until it ends)";
  return ready.provider === undefined ? "" : ` (${ready.provider} ${ready.version ?? ""})`;
}

function number(value: number): string {
  return value.toLocaleString("en");
}
