import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const MAIN = join(__dirname, "..", "..", "dist", "cli", "main.js");

/** How a child process of `cdc` ended. */
export interface EndedProcess {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A child process of `cdc` that is running. */
export interface RunningCdc {
  readonly child: ChildProcess;
  readonly ended: Promise<EndedProcess>;
}

/** Starts the built `cdc` (dist/, made by `npm run build`) as a process of its own. */
export function startCdc(
  argv: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string | undefined>> } = {},
): RunningCdc {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run \`npm run build\` first`);
  const env = { ...process.env, ...options.env };
  const child = spawn(process.execPath, [MAIN, ...argv], { cwd: options.cwd ?? process.cwd(), env, stdio: "pipe" });
  child.stdin.end();
  const texts = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (texts.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (texts.stderr += chunk.toString()));
  const ended = new Promise<EndedProcess>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, ...texts }));
  });
  return { child, ended };
}
