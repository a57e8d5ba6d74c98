import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Envelope } from "../../model/envelope";

const BIN = join(__dirname, "..", "..", "dist", "tasks", "providers", "bin");

/** A provider as a process of its own, started as a shell would. */
export interface ShellProvider {
  readonly child: ChildProcess;
  /** Whole lines that came so far. */
  lines(): string[];
  envelopes(): Envelope[];
  stderr(): string;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** Starts a built provider (dist/, made by `npm run build`) with its config as the only line of stdin. */
export function startProvider(name: string, config: object, env: Readonly<Record<string, string>> = {}): ShellProvider {
  const file = join(BIN, `${name}.js`);
  if (!existsSync(file)) throw new Error(`${file} is missing: run \`npm run build\` first`);
  const child = spawn(process.execPath, [file], { stdio: "pipe", env: { ...process.env, ...env } });
  child.stdin.end(`${JSON.stringify(config)}\n`);
  const pieces: Buffer[] = [];
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => pieces.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const lines = (): string[] => Buffer.concat(pieces).toString().split("\n").slice(0, -1);
  return {
    child,
    lines,
    envelopes: () => lines().map((line) => JSON.parse(line) as Envelope),
    stderr: () => stderr,
    ended: new Promise((resolve) => child.once("close", (code, signal) => resolve({ code, signal }))),
  };
}
