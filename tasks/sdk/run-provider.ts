import { parseStart } from "../protocol/start-line";
import { LineReader } from "./line-reader";
import { LineWriter } from "./line-writer";
import { openLog } from "./log";
import { programHook } from "./program-hook";
import type { Provider } from "./provider";
import { failureOf, ProviderError } from "./provider-error";
import { runInfrastructure } from "./run-infrastructure";
import { runInput } from "./run-input";
import { runOutput } from "./run-output";
import { sendFailure, type Session } from "./session";

/** What the exit code of a provider means. */
export const PROVIDER_EXIT = { fine: 0, failed: 1, refused: 2 } as const;

/** What is still open when a provider has ended must not keep its process for longer. */
const LEFTOVERS_MS = 1_000;

/**
 * Runs a provider as this process: reads the first line of stdin, checks the config, does what the command asks, and
 * sets the exit code: 0 fine, 1 failed, 2 the config or the command can't be used.
 */
export async function runProvider<C>(provider: Provider<C>): Promise<void> {
  const hook = programHook();
  if (hook !== undefined) {
    hook(provider);
    // What comes after the end of a provider, such as process.exit(), must not come here.
    return new Promise(() => undefined);
  }
  if (process.argv.includes("--describe")) {
    process.stdout.write(`${JSON.stringify(descriptionOf(provider))}\n`);
    return;
  }
  const stdout = new LineWriter(process.stdout);
  process.exitCode = await exitCodeOf(provider, stdout);
  await stdout.end();
  process.stdin.destroy();
  setTimeout(() => process.exit(), LEFTOVERS_MS).unref();
}

function descriptionOf<C>({ name, version, schema, input, infrastructure }: Provider<C>): object {
  return {
    name,
    version,
    role: input === undefined ? "output" : "input",
    infrastructure: infrastructure !== undefined,
    ...(schema === undefined ? {} : { schema }),
  };
}

async function exitCodeOf<C>(provider: Provider<C>, stdout: LineWriter): Promise<number> {
  const stop = stopOnSignals();
  const stdin = new LineReader(process.stdin);
  let session: Session;
  try {
    const start = parseStart((await firstLine(stdin, stop.signal)) ?? "");
    session = { provider, start, stdin, stdout, stop, log: openLog(process.stderr, start.host === "shell") };
  } catch (error) {
    return refuse(error, stdout);
  }
  return runSession(provider, session);
}

/** Until the first line has come there is nothing to end: a signal ends the process. */
async function firstLine(stdin: LineReader, signal: AbortSignal): Promise<string | undefined> {
  const end = () => process.exit(PROVIDER_EXIT.fine);
  signal.addEventListener("abort", end, { once: true });
  const line = await stdin.line();
  signal.removeEventListener("abort", end);
  return line;
}

/** Nobody knows yet who has started the provider, so the answer is one that every relay reads. */
function refuse(error: unknown, stdout: LineWriter): number {
  const failure = failureOf(error);
  openLog(process.stderr, true).error(sentencesOf(failure.message, failure.hint));
  stdout.add(`${JSON.stringify(failure)}\n`);
  return PROVIDER_EXIT.refused;
}

async function runSession<C>(provider: Provider<C>, session: Session): Promise<number> {
  let ready = false;
  const onReady = () => (ready = true);
  try {
    check(provider, session);
    if (session.start.command !== "run") {
      const succeeded = await runInfrastructure(provider.infrastructure, session.start.command, session);
      return succeeded ? PROVIDER_EXIT.fine : PROVIDER_EXIT.failed;
    }
    if (provider.input !== undefined) await runInput(provider.input, session, onReady);
    if (provider.output !== undefined) await runOutput(provider.output, provider.batch, session, onReady);
    return PROVIDER_EXIT.fine;
  } catch (error) {
    const failure = failureOf(error);
    session.log.error(sentencesOf(`${failure.code}: ${failure.message}`, failure.hint));
    sendFailure(session, failure, !ready);
    return error instanceof ConfigRefused ? PROVIDER_EXIT.refused : PROVIDER_EXIT.failed;
  }
}

/** What others say may end with a full stop already. */
function sentencesOf(message: string, hint: string | undefined): string {
  return hint === undefined ? message : `${message.replace(/\.$/, "")}. ${hint}`;
}

class ConfigRefused extends ProviderError {}

function check<C>(provider: Provider<C>, { start }: Session): void {
  const problem = provider.validate?.(start.config);
  if (problem !== undefined) throw new ConfigRefused("CDC_PROVIDER_CONFIG", problem);
}

/**
 * The first SIGTERM or Ctrl-C stops gracefully, the second ends the process. The end of stdin is no signal: a relay
 * that stops an input does both, and what is in hand is still written.
 */
function stopOnSignals(): AbortController {
  const stop = new AbortController();
  let told = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (told) process.exit(PROVIDER_EXIT.failed);
      told = true;
      stop.abort();
    });
  }
  return stop;
}
