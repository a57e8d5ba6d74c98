import { parseObject } from "../protocol/json-object";
import type { LifecycleCommand, LifecycleResult, Role } from "../protocol/messages";
import { decodeResult, resultOf } from "../protocol/results";
import type { ProviderLogEvent } from "./events";
import { taskFailure } from "./failure";
import type { ProviderCommand } from "./options";
import { ProviderProcess, type ProviderExit } from "./provider-process";
import { redactorOf, type Redactor } from "./redact";

/** A lifecycle command for one provider. */
export interface LifecycleCommandOptions {
  readonly task: string;
  readonly role: Role;
  readonly command: LifecycleCommand;
  readonly provider: ProviderCommand;
  /** Aborted: the provider is sent SIGTERM, and its answer is still waited for. There is no limit of time. */
  readonly signal: AbortSignal;
  /** Values that must not be printed. */
  readonly secrets?: readonly string[];
  /** Lines of the provider's stderr, and what it wrote to stdout besides its result. */
  readonly onLog?: (event: ProviderLogEvent) => void;
}

/** Runs a provider's init, plan, status or destroy. No result, or an exit code that isn't 0, is a result of `failed`. */
export async function runLifecycleCommand(options: LifecycleCommandOptions): Promise<LifecycleResult> {
  const redact = redactorOf(options.secrets ?? []);
  const { role, provider, onLog } = options;
  const log = (event: Pick<ProviderLogEvent, "level" | "text">) =>
    onLog?.({ event: "log", role, name: provider.name, ...event });
  const process = new ProviderProcess(provider, {
    ...options,
    redact,
    onLog: (lines) => {
      for (const line of lines) log(line);
      return undefined;
    },
  });
  const answer = new Answer(options.command, (text) => log({ level: "info", text: redact(text) }));
  process.feed.consume((block) => answer.take(block));
  process.stdin.end();
  const stop = () => process.kill("SIGTERM");
  options.signal.addEventListener("abort", stop, { once: true });
  if (options.signal.aborted) stop();
  try {
    const exit = await process.over();
    const { torn } = await process.feed.done;
    if (torn !== undefined) answer.take(torn);
    await process.logRead();
    return redacted(await verdict(answer, exit, process, options, redact), redact);
  } finally {
    options.signal.removeEventListener("abort", stop);
  }
}

/** The last result among the lines of stdout. */
class Answer {
  result: LifecycleResult | undefined;
  /** `{"type":"error",…}`: the provider refused before it began. */
  refusal: LifecycleResult["error"];

  constructor(
    private readonly command: LifecycleCommand,
    private readonly onText: (text: string) => void,
  ) {}

  take(block: Buffer): void {
    for (const line of block.toString().split("\n")) if (line.trim() !== "") this.takeLine(line);
  }

  private takeLine(line: string): void {
    const found = decodeResult(line, this.command);
    if (found !== undefined) {
      this.result = found;
      return;
    }
    const { type, code, message, text } = parseObject(line) ?? {};
    if (type === "error") this.refusal = { code: String(code), message: String(message) };
    else if (type === "text") this.onText(String(text));
    else if (type === undefined) this.onText(line);
  }
}

async function verdict(
  { result, refusal }: Answer,
  exit: ProviderExit,
  process: ProviderProcess,
  { command }: LifecycleCommandOptions,
  redact: Redactor,
): Promise<LifecycleResult> {
  if (result?.status === "failed") return result;
  if (refusal !== undefined) return resultOf(command, { status: "failed", error: refusal });
  if (exit.code !== 0) {
    const { code, message, stderr } = taskFailure(await process.gone(`during ${command}`, "run"), redact);
    const said = stderr.length === 0 ? "" : `; it said last: ${stderr.slice(-3).join(" | ")}`;
    return resultOf(command, { ...result, status: "failed", error: { code, message: message + said } });
  }
  if (result !== undefined) return result;
  const message = `${process.title} ended without a result of ${command}`;
  return resultOf(command, { status: "failed", error: { code: "CDC_PROVIDER_NO_RESULT", message } });
}

/** Everything in a result is shown. */
function redacted(result: LifecycleResult, redact: Redactor): LifecycleResult {
  const shown = (_key: string, value: unknown) => (typeof value === "string" ? redact(value) : value);
  return JSON.parse(JSON.stringify(result), shown) as LifecycleResult;
}
