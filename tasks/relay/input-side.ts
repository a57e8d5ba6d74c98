import type { Writable } from "node:stream";
import { decodeControl } from "../protocol/decode";
import { encodeMessage } from "../protocol/encode";
import { Paced } from "../protocol/paced";
import { ProtocolError } from "../protocol/protocol-error";
import { stray, type Ready } from "./await-ready";
import type { Confirmations, Told } from "./confirmations";
import { RelayError, toldFailure } from "./failure";
import { BadLine, InputLines, type LineSink } from "./input-lines";
import type { RunCounters } from "./run-counters";

/** More bytes than these don't wait for the output: reading stands still until it has caught up. */
const MOST_WAITING_BYTES = 256 * 1024;

/** Acks that come within this time are told together. */
const ACK_MS = 5;

/** What an input is connected to. */
export interface InputSideOptions {
  readonly check: "parsed" | "none";
  readonly output: Writable;
  readonly counters: RunCounters;
  readonly confirmations: Confirmations;
}

/** Reads an input: data lines go to the output, unchanged and in order, as fast as it takes them. */
export class InputSide implements LineSink {
  /** Data lines of this run. */
  lines = 0;
  /** Resolves when the input has written everything; rejects with a {@link RelayError}. */
  readonly written: Promise<void>;
  private stopping = false;
  private ended = false;
  private markEnded: () => void = () => undefined;
  private fail: (error: unknown) => void = () => undefined;
  /** An ack that waits until the input has read those before. */
  private waitingAck: Told | undefined;
  private readonly acks = new Paced<Told>(ACK_MS, (told) => this.sendAck(told));

  constructor(
    private readonly input: Ready,
    private readonly options: InputSideOptions,
  ) {
    const told = new Promise<void>((resolve, reject) => {
      this.markEnded = resolve;
      this.fail = reject;
    });
    this.written = Promise.race([told, this.untilExit()]);
    this.written.catch(() => undefined);
  }

  /** Lets the lines flow. */
  start(): void {
    const { process, legacy, capabilities, linesRead } = this.input;
    if (!capabilities.has("ack") && !capabilities.has("state")) process.stdin.end();
    const lines = new InputLines({ check: this.options.check, legacy }, this, linesRead);
    process.feed.consume((block) => this.take(lines, block));
  }

  data(lines: Buffer, count: number): void {
    const { output, counters } = this.options;
    if (this.ended) throw new ProtocolError("data comes after eof");
    this.lines += count;
    counters.lines += count;
    counters.bytes += lines.length;
    if (output.writable) output.write(lines);
    if (output.writableLength > MOST_WAITING_BYTES) this.waitForOutput();
  }

  control(line: string): void {
    const message = decodeControl(line);
    switch (message.type) {
      case "state":
        this.options.confirmations.addState(message, this.lines);
        return;
      case "eof":
        this.ended = true;
        this.markEnded();
        return;
      case "error":
        // Who was told to stop may complain of it.
        if (this.stopping) return;
        this.fail(toldFailure(message, { stage: "run", ...this.input.process.about() }));
        return;
      case "heartbeat":
        return;
      default:
        throw new ProtocolError(`an input doesn't write ${message.type}`);
    }
  }

  /** Tells the input how far the output is: the newest, so often that it is of use, and only as fast as it hears. */
  acknowledge(told: Told): void {
    const { capabilities } = this.input;
    if (!capabilities.has("ack") && !capabilities.has("state")) return;
    this.acks.push(told);
  }

  /** Tells the input what it has not been told yet, and then that nothing more comes. */
  finish(): void {
    this.acks.flush();
    const { stdin } = this.input.process;
    // The last one is told in any case: nothing comes after it that could pile up.
    if (this.waitingAck !== undefined && stdin.writable)
      stdin.write(encodeMessage({ type: "ack", ...this.waitingAck }));
    this.waitingAck = undefined;
    stdin.end();
  }

  /** Asks the input to end: what it still writes is passed on. */
  stop(): void {
    this.stopping = true;
    this.finish();
    this.input.process.kill("SIGTERM");
  }

  /** Nothing more of the input is wanted. */
  dismiss(): void {
    this.input.process.feed.discard();
    this.stop();
  }

  private take(lines: InputLines, block: Buffer): void {
    try {
      lines.take(block);
    } catch (error) {
      throw this.faultOf(error);
    }
  }

  private faultOf(error: unknown): unknown {
    const { process } = this.input;
    if (error instanceof BadLine) return stray(error.shown, error.number, error.reason, process);
    if (!(error instanceof ProtocolError)) return error;
    const options = { stage: "protocol", ...process.about() } as const;
    return new RelayError(error.code, `${process.title}: ${error.message}`, options);
  }

  private waitForOutput(): void {
    const { output } = this.options;
    const { feed } = this.input.process;
    if (feed.isPaused || !output.writable) return;
    feed.pause();
    const goOn = () => {
      output.off("drain", goOn).off("close", goOn);
      feed.resume();
    };
    output.once("drain", goOn).once("close", goOn);
  }

  private sendAck(told: Told): void {
    const { stdin } = this.input.process;
    if (!stdin.writable) return;
    if (stdin.writableNeedDrain) {
      if (this.waitingAck === undefined) stdin.once("drain", () => this.sendWaitingAck());
      this.waitingAck = told;
      return;
    }
    stdin.write(encodeMessage({ type: "ack", ...told }));
  }

  private sendWaitingAck(): void {
    const told = this.waitingAck;
    this.waitingAck = undefined;
    if (told !== undefined) this.sendAck(told);
  }

  /** The end of stdout comes first: a process that exits right after its last write has lost nothing. */
  private async untilExit(): Promise<void> {
    const { process } = this.input;
    const { torn } = await process.feed.done;
    const exit = await process.exited;
    if (this.stopping || this.ended) return;
    if (exit.code !== 0) throw await process.gone("while it was read", "run");
    if (torn !== undefined) throw await process.gone("in the middle of a line", "run");
  }
}
