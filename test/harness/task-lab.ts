import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import type { ProviderCommand, TaskEvent, TaskRunOptions, TaskRunResult } from "../../tasks/relay";
import { runTask } from "../../tasks/relay";

const BIN = join(__dirname, "..", "..", "dist", "tasks", "providers", "bin");

/** Words that a script of {@link nodeProvider} may use: `say`, `ready`, `line`, `onLines`, `onEnd`. */
const PRELUDE = `
const say = (message) => process.stdout.write((typeof message === "string" ? message : JSON.stringify(message)) + "\\n");
const ready = (...capabilities) => say({ type: "ready", protocol: 1, name: "scripted", version: "1.0.0", capabilities });
const line = (id) => JSON.stringify({ data: { id }, metadata: { TableName: "T", OperationType: "Insert" } });
let text = "", first = true, onStart = () => {}, onLine = () => {}, onEnd = () => process.exit(0);
process.stdin.setEncoding("utf8").on("data", (chunk) => {
  const lines = (text + chunk).split("\\n");
  text = lines.pop();
  for (const one of lines) if (first) { first = false; onStart(JSON.parse(one)); } else onLine(one);
}).on("end", () => onEnd());
`;

/** A provider that is a script of a few lines; see {@link PRELUDE}. */
export function nodeProvider(script: string, config: Record<string, unknown> = {}): ProviderCommand {
  return { name: "scripted", file: process.execPath, args: ["-e", PRELUDE + script], config };
}

/** A provider that is a shell script. */
export function shellProvider(script: string, config: Record<string, unknown> = {}): ProviderCommand {
  return { name: "script.sh", file: "sh", args: ["-c", script], config };
}

/** The counter of this package, as a process. */
export function counter(config: Record<string, unknown>): ProviderCommand {
  return { name: "counter", file: process.execPath, args: [join(BIN, "counter-input.js")], config };
}

/** The console of this package, as a process. */
export function console_(config: Record<string, unknown> = {}): ProviderCommand {
  return { name: "console", file: process.execPath, args: [join(BIN, "console-output.js")], config };
}

/** An input that writes lines and ends well. */
export function lines(...texts: readonly string[]): ProviderCommand {
  return nodeProvider(
    `onStart = () => { ready(); process.stdout.write(${JSON.stringify(texts.join("\n") + "\n")}); };`,
  );
}

/** What a run told and printed. */
export interface LabRun extends TaskRunResult {
  readonly events: readonly TaskEvent[];
  readonly stdout: string;
}

/** Runs a task and keeps what it tells. */
export async function runLab(
  options: Pick<TaskRunOptions, "input" | "output"> & Partial<TaskRunOptions>,
): Promise<LabRun> {
  const events: TaskEvent[] = [];
  let stdout = "";
  const result = await runTask({
    task: "lab",
    signal: new AbortController().signal,
    restart: { max: 0 },
    stdout: new Writable({
      write(chunk: Buffer, _encoding, done) {
        stdout += chunk.toString();
        done();
      },
    }),
    ...options,
    onEvent: (event) => {
      events.push(event);
      options.onEvent?.(event);
    },
  });
  return { ...result, events, stdout };
}

/** An empty folder, removed by the function beside it. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "cdc-task-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
