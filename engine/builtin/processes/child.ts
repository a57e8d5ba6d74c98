import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";

/** A Node process of the SDK that we started. */
export interface Child {
  readonly process: ChildProcess;
  /** Resolves when the process is gone; never rejects. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** The last lines it wrote to stderr, newest last. */
  lastErrors(): string;
  /** Ends it, gently first. */
  stop(): void;
}

/** What to start, and who hears what it prints. */
export interface ChildOptions {
  readonly script: string;
  readonly args: readonly string[];
  readonly nodeOptions?: readonly string[];
  /** Statements to run before the script, whose path is in `script`. */
  readonly prelude?: readonly string[];
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onOutput: (line: string) => void;
  readonly onError: (line: string) => void;
}

/**
 * Runs before the script: a child leaves when we are gone (even by kill -9), because the channel to us closes.
 * It is in its own process group, so that Ctrl-C reaches only us and work under way is finished.
 */
const leash = [
  "process.on('disconnect',()=>process.exit(1))",
  "process.channel.unref()",
  "delete process.send",
  "process.argv.splice(1,0,script)",
  // Collects garbage sooner than V8 would on a machine with much memory: a fifth less of it, for a tenth more time.
  "require('node:v8').setFlagsFromString('--heap-growing-percent=150')",
];

const keptErrorLines = 20;
const killAfterMs = 5_000;

/** Starts a Node script of the SDK. */
export function startScript(options: ChildOptions): Child {
  const script = `const script=${JSON.stringify(options.script)}`;
  const code = [script, ...leash, ...(options.prelude ?? []), "require(script)"].join(";");
  // By way of the environment: a command line is for people to read.
  const start = "const code=process.env.CDC_ENGINE_START;delete process.env.CDC_ENGINE_START;eval(code)";
  const args = ["--max-semi-space-size=16", ...(options.nodeOptions ?? []), "-e", start, "--", ...options.args];
  return watch(
    spawn(process.execPath, args, {
      cwd: options.directory,
      env: { ...options.environment, CDC_ENGINE_START: code },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      detached: true,
    }),
    options,
  );
}

/** Starts an executable, such as a resource plugin. */
export function startExecutable(path: string, options: Omit<ChildOptions, "script" | "nodeOptions">): Child {
  const child = spawn(path, [...options.args], {
    cwd: options.directory,
    env: options.environment,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  return watch(child, options);
}

function watch(child: ChildProcess, options: Pick<ChildOptions, "onOutput" | "onError">): Child {
  const errors: string[] = [];
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.on("error", (error) => {
      errors.push(error.message);
      resolve({ code: 1, signal: null });
    });
    child.on("close", (code, signal) => resolve({ code, signal }));
  });
  if (child.stdout) createInterface({ input: child.stdout }).on("line", options.onOutput);
  if (child.stderr) {
    createInterface({ input: child.stderr }).on("line", (line) => {
      errors.push(line);
      if (errors.length > keptErrorLines) errors.shift();
      options.onError(line);
    });
  }
  return { process: child, exited, lastErrors: () => errors.join("\n"), stop: () => stop(child) };
}

function stop(child: ChildProcess): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  setTimeout(() => child.kill("SIGKILL"), killAfterMs).unref();
}
