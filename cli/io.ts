import { env } from "node:process";

/** A stream to write text to; `isTTY`, `columns` and `rows` as Node sets them on a terminal. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** Where answers and piped rows come from. */
export type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** The world of one run of the CLI; tests pass their own. */
export interface Io {
  /** Data. */
  readonly stdout: Output;
  /** Progress, logs, errors. */
  readonly stderr: Output;
  readonly stdin: Input;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborted by the first Ctrl-C. A command that reads it stops by itself then; any other is ended at once. */
  readonly signal: AbortSignal;
}

/** Io of this process; `signal` is called when a command asks for the signal. */
export function processIo(signal: () => AbortSignal): Io {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    // Opened on first use only: most commands never read it.
    get stdin() {
      return process.stdin;
    },
    env,
    cwd: process.cwd(),
    get signal() {
      return signal();
    },
  };
}
