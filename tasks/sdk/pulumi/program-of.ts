import { env as processEnvironment } from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { CdcError } from "../../../lib/errors";
import { setProgramHook, type ProgramHook } from "../program-hook";
import type { InfrastructureProvider } from "../provider";

/** Variable that tells the program's process what to run: JSON of a {@link ProgramSetting}. */
export const PROGRAM_VARIABLE = "CDC_PROVIDER_PROGRAM";

/** What the program of a provider's infrastructure is run with. */
export interface ProgramSetting {
  /** The provider's own file. */
  readonly entry: string;
  readonly config: unknown;
}

/** How long the provider's file may take after it is loaded, until it runs the provider. */
const LATE_MS = 10_000;

type Found = Parameters<ProgramHook>[0];

/**
 * Runs the program of the provider whose process has started this one. Called by the project that
 * `PulumiInfrastructure` writes, and by nobody else.
 * @param load imports the provider's file
 * @throws CdcError `CDC_PROVIDER_PROGRAM` when that file runs no provider whose infrastructure is a program.
 */
export async function programOf(load: (entry: string) => Promise<unknown>): Promise<unknown> {
  const { entry, config } = JSON.parse(processEnvironment[PROGRAM_VARIABLE] ?? "{}") as ProgramSetting;
  const { infrastructure } = await providerOf(entry, load);
  if (infrastructure === undefined || !hasProgram(infrastructure)) {
    throw new CdcError("CDC_PROVIDER_PROGRAM", `${entry} runs a provider without a Pulumi program`);
  }
  return plainly(untilSettled(Promise.resolve(config).then((given) => infrastructure.program(given))));
}

/** What the author's program throws is told in a sentence; where it comes from goes to the log. */
async function plainly(running: Promise<unknown>): Promise<unknown> {
  try {
    return await running;
  } catch (error) {
    if (String((error as { readonly code?: unknown } | undefined)?.code).startsWith("CDC_")) throw error;
    const { message, stack = message } = error instanceof Error ? error : { message: String(error) };
    process.stderr.write(`${stack}\n`);
    throw new CdcError("CDC_PROVIDER_PROGRAM", `the program has failed: ${message}`, { cause: error });
  }
}

/** A process that has nothing more to wait for ends well, and its program would count as one without resources. */
function untilSettled(running: Promise<unknown>): Promise<unknown> {
  const hangs = (): void => {
    process.stderr.write("the program waits for something that never comes\n");
    process.exit(1);
  };
  process.once("beforeExit", hangs);
  return running.finally(() => process.off("beforeExit", hangs));
}

/** A file may wait before it runs its provider, and may wait for that to end, which it never does here. */
async function providerOf(entry: string, load: (entry: string) => Promise<unknown>): Promise<Found> {
  const patience = new AbortController();
  const found = new Promise<Found>((resolve) => {
    setProgramHook(resolve);
  });
  const never = load(entry)
    .then(() => delay(LATE_MS, undefined, { signal: patience.signal }))
    .then(() => {
      throw new CdcError("CDC_PROVIDER_PROGRAM", `${entry} has run no provider`, {
        hint: "Call runProvider where the file is loaded, or name the file that does in the settings (entry).",
      });
    });
  never.catch(() => undefined);
  try {
    return await Promise.race([found, never]);
  } finally {
    patience.abort();
  }
}

function hasProgram(
  infrastructure: InfrastructureProvider<never>,
): infrastructure is InfrastructureProvider<never> & { program(config: unknown): unknown } {
  return typeof (infrastructure as { readonly program?: unknown }).program === "function";
}
