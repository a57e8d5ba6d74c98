import { execFile } from "node:child_process";
import { promisify } from "node:util";

const MEGABYTES = 64 * 1024 * 1024;

/** Runs another program to its end. Rejects with what it printed when it fails. */
export async function runProgram(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  const env = { ...process.env, ...environment };
  await promisify(execFile)(program, [...args], { env, maxBuffer: MEGABYTES });
}

/** True when the program can be started. */
export async function starts(program: string, argument = "--version"): Promise<boolean> {
  return runProgram(program, [argument]).then(
    () => true,
    () => false,
  );
}
