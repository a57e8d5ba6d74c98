import { createInterface } from "node:readline";
import { CdcError } from "../lib/errors";
import type { Context } from "./context";

/**
 * Whether the user agrees. True at once with `--yes`.
 * Throws CdcError (CDC_NOT_CONFIRMED) when nobody can be asked: input or output is no terminal, or `--json`.
 */
export async function confirmed(context: Context, question: string): Promise<boolean> {
  const { io, options } = context;
  if (options.yes) return true;
  if (options.json || io.stdin.isTTY !== true || io.stderr.isTTY !== true) throw cannotAsk();
  io.stderr.write(`${question} [y/N] `);
  return /^y(es)?$/i.test((await firstLine(context)).trim());
}

/** The first line of stdin; empty when it ends before. Ends early when the user interrupts. */
async function firstLine({ io }: Context): Promise<string> {
  // No `output`: the terminal itself shows what is typed, and Ctrl-C reaches the process.
  const lines = createInterface({ input: io.stdin, terminal: false });
  const stop = (): void => lines.close();
  io.signal.addEventListener("abort", stop, { once: true });
  try {
    for await (const line of lines) return line;
    return "";
  } finally {
    io.signal.removeEventListener("abort", stop);
    lines.close();
  }
}

/** Throws when the question of {@link confirmed} could not be asked later, so that nothing is begun in vain. */
export function requireAnswer(context: Context): void {
  const { io, options } = context;
  if (!options.yes && (options.json || io.stdin.isTTY !== true || io.stderr.isTTY !== true)) throw cannotAsk();
}

function cannotAsk(): CdcError {
  const hint = "Look at `cdc preview`, then run the command again with --yes.";
  return new CdcError("CDC_NOT_CONFIRMED", "this changes things, and there is no terminal to ask on", { hint });
}
