import { CommanderError } from "commander";
import { bindRun, type Run } from "./context";
import { EXIT } from "./exit-code";
import type { Io } from "./io";
import { paintFor } from "./print/paint";
import { errorText, shown } from "./print/error";
import { redact } from "./print/redact";
import { buildProgram } from "./program";

/**
 * Runs one command line and answers its exit code; never throws and never ends the process.
 * @param argv arguments after `node cdc`
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const current: Run = { io, exitCode: EXIT.fine, start: run };
  const program = buildProgram(io);
  bindRun(program, current);
  const isInterrupted = () => io.signal.aborted && current.stopsCleanly !== true;
  try {
    await program.parseAsync([...argv], { from: "user" });
    return isInterrupted() ? EXIT.interrupted : current.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.error;
    if (isInterrupted()) return interrupted(io);
    printError(error, io, argv.includes("--json"));
    return EXIT.error;
  }
}

function interrupted(io: Io): number {
  io.stderr.write("interrupted\n");
  return EXIT.interrupted;
}

function printError(error: unknown, io: Io, json: boolean): void {
  const found = shown(error);
  const text = json ? JSON.stringify({ error: found }) : errorText(found, paintFor(io.stderr, io.env, true));
  io.stderr.write(`${redact(text, io.env)}\n`);
}
