import { createInterface } from "node:readline/promises";
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
  const prompt = createInterface({ input: io.stdin, output: io.stderr as NodeJS.WritableStream });
  try {
    const answer = await prompt.question(`${question} [y/N] `, { signal: io.signal });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    prompt.close();
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
