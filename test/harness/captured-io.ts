import { Readable } from "node:stream";
import type { Io, Output } from "../../cli/io";
import { run } from "../../cli/run";

/** What a run of the CLI wrote and how it ended. */
export interface CapturedRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The world of a captured run. */
export interface CaptureOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Pretend that all streams are terminals. */
  readonly terminal?: boolean;
  /** Text on stdin. */
  readonly input?: string;
  readonly signal?: AbortSignal;
}

/** Runs `cdc` in this process and keeps what it writes. */
export async function runCdc(argv: readonly string[], options: CaptureOptions = {}): Promise<CapturedRun> {
  const written = { stdout: "", stderr: "" };
  const output = (name: keyof typeof written): Output => ({
    write: (text: string) => {
      written[name] += text;
      return true;
    },
    ...(options.terminal === true ? { isTTY: true, columns: 120 } : {}),
  });
  const stdin = Object.assign(Readable.from([options.input ?? ""]), options.terminal === true ? { isTTY: true } : {});
  const io: Io = {
    stdout: output("stdout"),
    stderr: output("stderr"),
    stdin,
    env: options.env ?? process.env,
    cwd: options.cwd ?? process.cwd(),
    signal: options.signal ?? new AbortController().signal,
  };
  const code = await run(argv, io);
  return { code, ...written };
}
