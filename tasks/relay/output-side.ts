import type { Writable } from "node:stream";
import { decodeControl } from "../protocol/decode";
import { lineKind } from "../protocol/line-kind";
import { ProtocolError } from "../protocol/protocol-error";
import { stray, type Ready } from "./await-ready";
import { RelayError, toldFailure } from "./failure";
import type { Redactor } from "./redact";

const NEWLINE = 0x0a;

/** What an output is connected to. */
export interface OutputSideOptions {
  /** Where its texts go. */
  readonly stdout: Writable | undefined;
  readonly redact: Redactor;
  readonly onAck: (count: number) => void;
}

/** Reads an output: what it has confirmed, and what it wants to be printed. */
export class OutputSide {
  /** Rejects when the output says that it fails, or writes what it must not; never resolves. */
  readonly failed: Promise<never>;
  private fail: (error: unknown) => void = () => undefined;
  private number: number;

  constructor(
    private readonly output: Ready,
    private readonly options: OutputSideOptions,
  ) {
    this.number = output.linesRead;
    this.failed = new Promise((_resolve, reject) => (this.fail = reject));
    this.failed.catch(() => undefined);
    output.process.feed.done.catch((error: unknown) => this.fail(error));
  }

  /** Lets the lines flow. */
  start(): void {
    this.output.process.feed.consume((block) => this.take(block));
  }

  private take(block: Buffer): void {
    if (this.output.legacy) {
      this.print(block.toString());
      return;
    }
    for (let at = 0; at < block.length;) {
      const end = block.indexOf(NEWLINE, at);
      this.number += 1;
      this.control(block, at, end);
      at = end + 1;
    }
  }

  private control(block: Buffer, at: number, end: number): void {
    const { process } = this.output;
    const line = block.toString("utf8", at, end);
    if (lineKind(block, at, end) !== "control") throw stray(line, this.number, "it is no control line", process);
    try {
      this.act(line);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const options = { stage: "protocol", ...process.about() } as const;
      throw new RelayError(error.code, `${process.title}: ${error.message}`, options);
    }
  }

  private act(line: string): void {
    const message = decodeControl(line);
    switch (message.type) {
      case "ack":
        this.options.onAck(message.count);
        return;
      case "text":
        this.print(`${message.text}\n`);
        return;
      case "error":
        this.fail(toldFailure(message, { stage: "run", ...this.output.process.about() }));
        return;
      case "heartbeat":
        return;
      default:
        throw new ProtocolError(`an output doesn't write ${message.type}`);
    }
  }

  /** When nobody reads what is printed, the output has to wait, and with it the input: nothing piles up here. */
  private print(text: string): void {
    const { stdout, redact } = this.options;
    if (stdout?.writable !== true) return;
    if (stdout.write(redact(text))) return;
    const { feed } = this.output.process;
    if (feed.isPaused) return;
    feed.pause();
    const goOn = () => {
      stdout.off("drain", goOn).off("close", goOn);
      feed.resume();
    };
    stdout.once("drain", goOn).once("close", goOn);
  }
}
