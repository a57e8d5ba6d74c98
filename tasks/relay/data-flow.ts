import type { AttemptEnd, AttemptSetting } from "./attempt";
import type { Ready } from "./await-ready";
import { Confirmations, type Told } from "./confirmations";
import { ProtocolError } from "../protocol/protocol-error";
import { RelayError } from "./failure";
import { InputSide } from "./input-side";
import { OutputSide } from "./output-side";
import { aborted, settlesWithin } from "./signals";
import { watchSilence } from "./silence";

const SILENCE_TIMEOUT_MS = 60_000;
const RATE_INTERVAL_MS = 10_000;

/** Both providers at work: lines go from one to the other, confirmations come back, until one of them or we end it. */
export class DataFlow {
  private readonly confirmations: Confirmations;
  private readonly inputSide: InputSide;
  private readonly outputSide: OutputSide;
  private draining = false;
  private failStore: (error: unknown) => void = () => undefined;

  constructor(
    private readonly input: Ready,
    private readonly output: Ready,
    private readonly setting: AttemptSetting,
    private readonly stopTimeoutMs: number,
  ) {
    const { options, counters, store, redact } = setting;
    const tell = (told: Told) => this.tell(told);
    const confirmations = new Confirmations(store, tell, (error) => this.failStore(error));
    const check = options.check ?? "parsed";
    this.inputSide = new InputSide(input, { check, output: output.process.stdin, counters, confirmations });
    const onAck = (count: number) => this.confirm(count);
    this.outputSide = new OutputSide(output, { stdout: options.stdout, redact, onAck });
    this.confirmations = confirmations;
  }

  /** Runs to the end. Throws the failure of the side that failed first. */
  async run(): Promise<AttemptEnd> {
    const { options, counters, emit } = this.setting;
    const rate = setInterval(() => emit(counters.rate()), options.rateIntervalMs ?? RATE_INTERVAL_MS);
    const limitMs = options.silenceTimeoutMs ?? SILENCE_TIMEOUT_MS;
    const watches = [watchSilence(this.input, limitMs), watchSilence(this.output, limitMs)] as const;
    const [inputSilent, outputSilent] = watches.map(({ silent }) => silent);
    try {
      return await this.untilEnd(inputSilent, outputSilent);
    } finally {
      clearInterval(rate);
      for (const watch of watches) watch.stop();
    }
  }

  /** Resolves when all that was confirmed is stored. */
  settled(): Promise<void> {
    return this.confirmations.settled();
  }

  private async untilEnd(inputSilent?: Promise<never>, outputSilent?: Promise<never>): Promise<AttemptEnd> {
    const storeFailed = new Promise<never>((_resolve, reject) => (this.failStore = reject));
    const outputTrouble = heard(Promise.race([this.outputSide.failed, this.outputGone(), ...listed(outputSilent)]));
    const trouble = heard(Promise.race([outputTrouble, storeFailed, ...listed(inputSilent)]));
    this.outputSide.start();
    this.inputSide.start();
    try {
      const how = await this.untilWritten(trouble);
      await this.drain(outputTrouble);
      await Promise.race([this.settled(), storeFailed]);
      await this.letInputEnd();
      return how;
    } catch (failure) {
      this.inputSide.dismiss();
      // What a healthy output has been given is good: it is written and confirmed, so that the next attempt begins after it.
      if (roleOf(failure) !== "output") await this.drain(outputTrouble).catch(() => undefined);
      throw failure;
    }
  }

  /** Resolves when the input has no more, or was told to stop and has written what it had. */
  private async untilWritten(trouble: Promise<never>): Promise<AttemptEnd> {
    const stop = aborted(this.setting.options.signal);
    const stopped = stop.promise.then((): AttemptEnd => "stopped");
    const written = this.inputSide.written.then((): AttemptEnd => "eof");
    const how = await Promise.race([written, stopped, trouble]).finally(() => stop.forget());
    if (how === "stopped") await this.stopInput(trouble);
    return how;
  }

  private async stopInput(trouble: Promise<never>): Promise<void> {
    this.setting.emit({ event: "stopping" });
    this.inputSide.stop();
    const late = setTimeout(() => {
      const message = `${this.input.process.title} did not stop within ${this.stopTimeoutMs / 1000} s, and was ended`;
      this.setting.emit({ event: "warning", code: "CDC_PROVIDER_KILLED", message });
      this.input.process.kill("SIGKILL");
    }, this.stopTimeoutMs);
    await Promise.race([this.inputSide.written, trouble]).finally(() => clearTimeout(late));
  }

  /** Lets the output write the rest, however long that takes. */
  private async drain(outputTrouble: Promise<never>): Promise<void> {
    const { process, legacy, capabilities } = this.output;
    this.draining = true;
    process.stdin.end();
    const exit = await Promise.race([process.over(), outputTrouble]);
    if (exit.code !== 0) throw await process.gone("while it wrote the last lines", "run");
    if (legacy || !capabilities.has("ack")) this.confirm(this.inputSide.lines);
    if (this.confirmations.count < this.inputSide.lines) throw this.unconfirmed();
  }

  private async outputGone(): Promise<never> {
    await this.output.process.over();
    if (this.draining) return new Promise<never>(() => undefined);
    throw await this.output.process.gone("before its stdin had ended", "run");
  }

  /** The input may end now: it has been told everything. */
  private async letInputEnd(): Promise<void> {
    this.inputSide.finish();
    await settlesWithin(this.input.process.exited, this.stopTimeoutMs);
  }

  private tell(told: Told): void {
    this.setting.emit({ event: "ack", count: told.count, counters: this.setting.counters.counters });
    this.inputSide.acknowledge(told);
  }

  private confirm(count: number): void {
    if (count > this.inputSide.lines) {
      throw new ProtocolError(`${count} lines are confirmed, and ${this.inputSide.lines} were sent`);
    }
    this.confirmations.confirm(count);
    this.setting.counters.confirm(count);
  }

  private unconfirmed(): RelayError {
    const { process } = this.output;
    const missing = this.inputSide.lines - this.confirmations.count;
    const message = `${process.title} exited with code 0 and has not confirmed the last ${missing} lines`;
    return new RelayError("CDC_OUTPUT_UNCONFIRMED", message, { stage: "run", retryable: true, ...process.about() });
  }
}

/** A rejection that nobody waits for at the moment is no crash. */
function heard<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

function listed<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}

function roleOf(error: unknown): string | undefined {
  return error instanceof RelayError ? error.role : undefined;
}
