import type { Command } from "commander";
import { resolve } from "node:path";
import type { Io } from "./io";
import { paintFor, type Paint } from "./print/paint";
import { openProgress, type Progress } from "./print/progress";

/** Options that every command takes. */
export interface CommonOptions {
  /** Stack, as in `Pulumi.<stack>.yaml`. */
  readonly stack: string;
  readonly json: boolean;
  readonly engine: "auto" | "pulumi" | "built-in";
  readonly yes: boolean;
}

/** What a command needs to know of the run it is in. */
export interface Context {
  readonly io: Io;
  readonly options: CommonOptions;
  /** Folder of the project: `-C`, else the current one. Absolute. */
  readonly directory: string;
  readonly paint: Paint;
  /** Colours for stderr, which may be a terminal when stdout is none. */
  readonly stderrPaint: Paint;
  /** Data, on stdout: the value as JSON with `--json`, else the text. */
  print(value: unknown, text: () => string): void;
  /** One line for humans, on stderr; nothing with `--json`. */
  note(line: string): void;
  /** Counts and rate on stderr while something long runs; silent with `--json`. */
  progress(label: string): Progress;
  /** Sets the exit code that the run ends with, unless it fails. */
  exitWith(code: number): void;
  /** The signal of a command that ends well when it is told to stop: from now on Ctrl-C doesn't make the run an interrupted one. */
  stopsCleanly(): AbortSignal;
  /** Runs another command line of `cdc`, in the world given; answers its exit code. */
  runCdc(argv: readonly string[], io: Io): Promise<number>;
}

/** State of one run, kept by the root command. */
export interface Run {
  readonly io: Io;
  exitCode: number;
  /** Set by a command that ends well when it is told to stop. */
  stopsCleanly?: boolean;
  /** How a command starts another one. */
  readonly start: (argv: readonly string[], io: Io) => Promise<number>;
}

const runs = new WeakMap<Command, Run>();

/** Ties a root command to its run. */
export function bindRun(program: Command, run: Run): void {
  runs.set(program, run);
}

/** The context of a command that is being run; commander passes the command to its action last. */
export function contextFrom(command: Command): Context {
  const run = runOf(command);
  const { io } = run;
  const given = command.optsWithGlobals<GivenOptions>();
  const json = given.json === true;
  const paint = paintFor(io.stdout, io.env, given.color !== false && !json);
  const quiet = { write: () => true };
  return {
    io,
    options: { stack: given.stack, json, engine: given.engine, yes: given.yes === true },
    directory: resolve(io.cwd, given.cwd ?? "."),
    paint,
    stderrPaint: paintFor(io.stderr, io.env, given.color !== false),
    print: (value, text) => void io.stdout.write(json ? `${JSON.stringify(value)}\n` : withNewline(text())),
    note: (line) => {
      if (!json) io.stderr.write(withNewline(line));
    },
    progress: (label) => openProgress(json ? quiet : io.stderr, label),
    exitWith: (code) => {
      run.exitCode = code;
    },
    stopsCleanly: () => {
      run.stopsCleanly = true;
      return io.signal;
    },
    runCdc: run.start,
  };
}

interface GivenOptions {
  readonly stack: string;
  readonly cwd?: string;
  readonly json?: boolean;
  readonly engine: CommonOptions["engine"];
  readonly color?: boolean;
  readonly yes?: boolean;
}

function runOf(command: Command): Run {
  let root = command;
  while (root.parent) root = root.parent;
  const run = runs.get(root);
  if (run === undefined) throw new Error("the command does not belong to a run: call it through run()");
  return run;
}

function withNewline(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
